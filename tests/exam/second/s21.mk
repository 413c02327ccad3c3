FUNCTION ?= pay
ALIAS ?= live

deploy: upload
	@set -e; \
	version=$$(aws lambda publish-version --function-name $(FUNCTION) --query Version --output text); \
	aws lambda update-alias --function-name $(FUNCTION) --name $(ALIAS) --function-version $$version >/dev/null; \
	echo "$(ALIAS) is $$version"

upload:
	aws lambda update-function-code --function-name $(FUNCTION) --zip-file fileb://two.zip >/dev/null
	aws lambda wait function-updated --function-name $(FUNCTION)
.PHONY: deploy upload
