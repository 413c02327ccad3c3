FUNCTION := pay
ALIAS    := live

.PHONY: deploy publish
deploy: publish

publish:
	@aws lambda update-function-code --function-name $(FUNCTION) --zip-file fileb://two.zip > /dev/null
	@aws lambda wait function-updated --function-name $(FUNCTION)
	@VERSION=$$(aws lambda publish-version --function-name $(FUNCTION) --query Version --output text)
	@aws lambda update-alias --function-name $(FUNCTION) --name $(ALIAS) --function-version $$VERSION
