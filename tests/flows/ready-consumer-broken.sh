#!/bin/bash
# The rule is deleted while it has targets. AWS refuses that, and the script ignores the refusal.
# given: pay 2
# also: events put-rule --name pay-nightly --event-pattern {"source":["pay"]}
# also: events put-targets --rule pay-nightly --targets Id=pay,Arn=arn:aws:lambda:eu-west-1:123456789012:function:pay:live
# finds: error failure-ignored 7
aws events delete-rule --name pay-nightly
aws sqs create-queue --queue-name orders --output off
