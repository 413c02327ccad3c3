// A release by the AWS SDK for Go, version 2: address and key come from the environment, as `lambdry serve` prints them.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o client tests/clients/go/main.go
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

var calls int

func check(err error) {
	calls++
	if err != nil {
		panic(err)
	}
}

func holds(is bool, what interface{}) {
	if !is {
		panic(fmt.Sprintf("%+v", what))
	}
}

func bytes(name string) []byte {
	text, err := base64.StdEncoding.DecodeString(os.Getenv(name))
	if err != nil {
		panic(err)
	}
	return text
}

func main() {
	ctx := context.Background()
	client := lambda.New(lambda.Options{
		Region:           os.Getenv("AWS_REGION"),
		EndpointResolver: lambda.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY")}, nil
		}),
	})
	name := aws.String("pay")

	_, err := client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name})
	var absent *types.ResourceNotFoundException
	holds(errors.As(err, &absent), err)
	made, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: name,
		Runtime:      "python3.12",
		Handler:      aws.String("app.handler"),
		Role:         aws.String("arn:aws:iam::123456789012:role/deploy"),
		Code:         &types.FunctionCode{ZipFile: bytes("zip")},
		Tags:         map[string]string{"team": "é"},
	})
	check(err)
	holds(made.State == types.StatePending, made)
	check(lambda.NewFunctionActiveV2Waiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: name}, time.Minute))
	one, err := client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: name})
	check(err)
	holds(*one.Version == "1", one)
	_, err = client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: name, RevisionId: aws.String("stale")})
	var stale *types.PreconditionFailedException
	holds(errors.As(err, &stale), err)
	two, err := client.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{FunctionName: name, ZipFile: bytes("other"), Publish: true})
	check(err)
	holds(*two.Version == "2", two)
	_, err = client.PublishVersion(ctx, &lambda.PublishVersionInput{FunctionName: name})
	var busy *types.ResourceConflictException
	holds(errors.As(err, &busy), err)
	check(lambda.NewFunctionUpdatedV2Waiter(client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: name}, time.Minute))
	alias, err := client.CreateAlias(ctx, &lambda.CreateAliasInput{
		FunctionName:    name,
		Name:            aws.String("live"),
		FunctionVersion: aws.String("1"),
		RoutingConfig:   &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{"2": 0.25}},
	})
	check(err)
	holds(alias.RoutingConfig.AdditionalVersionWeights["2"] == 0.25, alias)
	versions := []string{}
	pages := lambda.NewListVersionsByFunctionPaginator(client, &lambda.ListVersionsByFunctionInput{FunctionName: name, MaxItems: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		check(err)
		for _, version := range page.Versions {
			versions = append(versions, *version.Version)
		}
	}
	holds(fmt.Sprint(versions) == "[$LATEST 1 2]", versions)
	answer, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: name, Qualifier: aws.String("2"), Payload: []byte(`{"a": 1}`)})
	check(err)
	holds(answer.StatusCode == 200 && *answer.ExecutedVersion == "2", answer)
	mapping, err := client.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{
		FunctionName:   aws.String("pay:live"),
		EventSourceArn: aws.String("arn:aws:sqs:us-east-1:123456789012:orders"),
		BatchSize:      aws.Int32(5),
	})
	check(err)
	holds(*mapping.BatchSize == 5 && mapping.LastModified != nil, mapping)
	_, err = client.DeleteAlias(ctx, &lambda.DeleteAliasInput{FunctionName: name, Name: aws.String("live")})
	check(err)
	_, err = client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name})
	check(err)
	fmt.Printf("{\"client\": \"aws-sdk-go-v2 %s\", \"calls\": %d}\n", aws.SDKVersion, calls)
}
