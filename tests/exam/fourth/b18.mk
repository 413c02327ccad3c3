FN := pay
VERSION := $(shell aws lambda publish-version --function-name $(FN) --query Version --output text)

deploy: code
	aws lambda update-alias --function-name $(FN) --name live --function-version $(VERSION) > /dev/null

code:
	aws lambda update-function-code --function-name $(FN) --zip-file fileb://two.zip > /dev/null
	aws lambda wait function-updated-v2 --function-name $(FN)

.PHONY: deploy code
