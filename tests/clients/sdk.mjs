// Runs the steps by the AWS SDK for JavaScript, version 3: an object a line, what each was answered.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.MODULES + "/x.js");
const packages = {
  lambda: require("@aws-sdk/client-lambda"),
  sts: optional("@aws-sdk/client-sts"),
  iam: optional("@aws-sdk/client-iam"),
  ecr: optional("@aws-sdk/client-ecr"),
  ec2: optional("@aws-sdk/client-ec2"),
  s3api: optional("@aws-sdk/client-s3"),
  apigateway: optional("@aws-sdk/client-api-gateway"),
  apigatewayv2: optional("@aws-sdk/client-apigatewayv2"),
  cloudformation: optional("@aws-sdk/client-cloudformation"),
  cloudfront: optional("@aws-sdk/client-cloudfront"),
  cloudwatch: optional("@aws-sdk/client-cloudwatch"),
  dynamodb: optional("@aws-sdk/client-dynamodb"),
  acm: optional("@aws-sdk/client-acm"),
  "application-autoscaling": optional("@aws-sdk/client-application-auto-scaling"),
  "cognito-idp": optional("@aws-sdk/client-cognito-identity-provider"),
  kms: optional("@aws-sdk/client-kms"),
  route53: optional("@aws-sdk/client-route-53"),
  events: optional("@aws-sdk/client-eventbridge"),
  logs: optional("@aws-sdk/client-cloudwatch-logs"),
  secretsmanager: optional("@aws-sdk/client-secrets-manager"),
  sns: optional("@aws-sdk/client-sns"),
  sqs: optional("@aws-sdk/client-sqs"),
  ssm: optional("@aws-sdk/client-ssm"),
  stepfunctions: optional("@aws-sdk/client-sfn"),
};
// What the package calls its client, where that is not the service's word.
const called = {
  s3api: "s3",
  events: "eventbridge",
  logs: "cloudwatchlogs",
  stepfunctions: "sfn",
  "application-autoscaling": "applicationautoscaling",
  "cognito-idp": "cognitoidentityprovider",
  route53: "route53",
};
const bytes = { "@zip": "zip", "@other": "other", "@event": "event" };
const clients = {};
const kept = {};

function optional(name) {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

function plain(value) {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof Date) return value.toISOString().replace(".000Z", "+00:00");
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === "object") {
    const members = Object.entries(value).filter(([name]) => name !== "$metadata");
    return Object.fromEntries(members.map(([name, value]) => [name, plain(value)]));
  }
  return value;
}

function given(value) {
  if (bytes[value]) return Buffer.from(process.env[bytes[value]], "base64");
  if (kept[value]) return kept[value];
  if (Array.isArray(value)) return value.map(given);
  if (value && typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([name, value]) => [name, given(value)]));
  return value;
}

const version = JSON.parse(readFileSync(process.env.MODULES + "/node_modules/@aws-sdk/client-lambda/package.json")).version;
console.log(JSON.stringify({ client: `@aws-sdk/client-lambda ${version}` }));
for (const [service, operation, members, makes] of JSON.parse(readFileSync(process.argv[2]))) {
  const module = packages[service];
  if (!module) {
    console.log(JSON.stringify({ skipped: service }));
    continue;
  }
  const Client = Object.entries(module).find(([name]) => name.toLowerCase() === `${called[service] ?? service}client`)[1];
  clients[service] ??= new Client({ maxAttempts: 1 });
  try {
    const answer = await clients[service].send(new module[`${operation}Command`](given(members)));
    for (const [name, pointer] of Object.entries(makes ?? {}))
      kept[name] = pointer.split("/").slice(1).reduce((value, word) => value[word], answer);
    console.log(JSON.stringify({ answer: plain(answer) }));
  } catch (error) {
    if (!error.$metadata) throw error;
    console.log(JSON.stringify({ code: error.name, message: error.message }));
  }
}
try {
  await clients.lambda.send(new packages.lambda.ListCapacityProvidersCommand({}));
  throw new Error("an operation that is not simulated was answered");
} catch (error) {
  if (error.$metadata?.httpStatusCode !== 501 || !/not simulated/.test(error.message)) throw error;
}
