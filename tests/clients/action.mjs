// The calls that the official GitHub action for Lambda makes, aws-actions/aws-lambda-deploy, by the SDK that it is made of: a
// first run that creates, a second that updates, with the package in the request and by way of a bucket.

import { createRequire } from "node:module";

const require = createRequire(process.env.MODULES + "/x.js");
const lambdas = require("@aws-sdk/client-lambda");
const buckets = require("@aws-sdk/client-s3");
const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");

const client = new lambdas.LambdaClient({ customUserAgent: "LambdaGitHubAction/1.0.0" });
const s3 = new buckets.S3Client({ forcePathStyle: true });
const FunctionName = "pay";
const zip = (name) => Buffer.from(process.env[name], "base64");
let calls = 0;

async function send(to, command) {
  calls += 1;
  return to.send(command);
}

async function fails(to, command, name, status) {
  try {
    await send(to, command);
  } catch (error) {
    if (error.name !== name || error.$metadata.httpStatusCode !== status) throw error;
    return;
  }
  throw new Error(`${name} was expected`);
}

const configuration = () => send(client, new lambdas.GetFunctionConfigurationCommand({ FunctionName }));

async function upload(Bucket, Key, bytes) {
  try {
    await send(s3, new buckets.HeadBucketCommand({ Bucket }));
  } catch (error) {
    if (error.$metadata?.httpStatusCode !== 404) throw error;
    await send(s3, new buckets.CreateBucketCommand({ Bucket }));
    // The action goes on where the bucket's own settings cannot be made: here they are, and are read again.
    const more = [
      new buckets.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
      new buckets.PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
      }),
      new buckets.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    ];
    for (const command of more) await send(s3, command);
    const block = await s3.send(new buckets.GetPublicAccessBlockCommand({ Bucket }));
    const encryption = await s3.send(new buckets.GetBucketEncryptionCommand({ Bucket }));
    const { Status } = await s3.send(new buckets.GetBucketVersioningCommand({ Bucket }));
    const algorithm = encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm;
    if (!block.PublicAccessBlockConfiguration.BlockPublicAcls || algorithm !== "AES256" || Status !== "Enabled")
      throw new Error("the bucket's settings are not those that were made");
  }
  await send(s3, new buckets.PutObjectCommand({ Bucket, Key, Body: bytes }));
}

async function deploy(code, settings) {
  let exists = true;
  try {
    await configuration();
  } catch (error) {
    if (error.name !== "ResourceNotFoundException") throw error;
    exists = false;
  }
  if (!exists) {
    const made = await send(
      client,
      new lambdas.CreateFunctionCommand({
        FunctionName,
        Code: code,
        Runtime: "nodejs22.x",
        Role: "arn:aws:iam::123456789012:role/deploy",
        Handler: "index.handler",
        Publish: true,
        Architectures: ["x86_64"],
        ...settings,
      }),
    );
    if (made.Version !== "1") throw new Error(`version ${made.Version}`);
    // It polls State, and does not wait as a waiter does.
    for (let state = ""; state !== "Active"; ) {
      state = (await configuration()).State;
      if (state !== "Active") await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const current = await configuration();
  const changed = Object.entries(settings).some(([name, value]) => JSON.stringify(current[name]) !== JSON.stringify(value));
  if (changed) {
    await send(client, new lambdas.UpdateFunctionConfigurationCommand({ FunctionName, ...settings }));
    calls += 1;
    await lambdas.waitUntilFunctionUpdated({ client, minDelay: 2, maxWaitTime: 300 }, { FunctionName });
  }
  return send(client, new lambdas.UpdateFunctionCodeCommand({ FunctionName, ...code, Architectures: ["x86_64"], Publish: true }));
}

const settings = (STAGE) => ({ MemorySize: 256, Timeout: 9, Environment: { Variables: { STAGE } } });
const first = await deploy({ ZipFile: zip("zip") }, settings("one"));
if (first.Version !== "2") throw new Error(`version ${first.Version}`);
const dry = { FunctionName, ZipFile: zip("other"), DryRun: true };
await fails(client, new lambdas.UpdateFunctionCodeCommand(dry), "ResourceConflictException", 409);
calls += 1;
await lambdas.waitUntilFunctionUpdated({ client, minDelay: 2, maxWaitTime: 300 }, { FunctionName });
const identity = await send(new STSClient({}), new GetCallerIdentityCommand({}));
const bucket = `deploy-${identity.Account}`;
await upload(bucket, "pay.zip", zip("other"));
const second = await deploy({ S3Bucket: bucket, S3Key: "pay.zip" }, settings("two"));
if (second.Version !== "3" || second.CodeSha256 === first.CodeSha256) throw new Error(JSON.stringify(second));
console.log(JSON.stringify({ client: "aws-actions/aws-lambda-deploy's calls", calls }));
