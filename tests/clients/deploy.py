import boto3

client = boto3.client("lambda")
with open("next.zip", "rb") as package:
    client.update_function_code(FunctionName="pay", ZipFile=package.read())
client.get_waiter("function_updated_v2").wait(FunctionName="pay")
version = client.publish_version(FunctionName="pay")["Version"]
client.update_alias(FunctionName="pay", Name="live", FunctionVersion=version)
