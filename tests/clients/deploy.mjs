import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(process.env.MODULES + "/x.js");
const {
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} = require("@aws-sdk/client-lambda");

const client = new LambdaClient({});
const FunctionName = "pay";
const ZipFile = await readFile("next.zip");
await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 300 }, { FunctionName });
const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
await client.send(new UpdateAliasCommand({ FunctionName, Name: "live", FunctionVersion: Version }));
