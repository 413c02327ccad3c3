# What Debian has of the AWS SDK for Ruby: S3, as a deploy uses it, and STS, which is part of its core.

require "aws-sdk-s3"
require "json"

endpoint = ENV.fetch("AWS_ENDPOINT_URL")
s3 = Aws::S3::Client.new(endpoint: endpoint, force_path_style: true)
calls = 0
call = lambda do |&block|
  calls += 1
  block.call
end

account = call.call { Aws::STS::Client.new(endpoint: endpoint).get_caller_identity.account }
raise account unless account == "123456789012"

bucket = "deploy-#{account}"
begin
  call.call { s3.head_bucket(bucket: bucket) }
  raise "there is none"
rescue Aws::S3::Errors::NotFound
  call.call { s3.create_bucket(bucket: bucket) }
end
body = "é" * 100_000
put = call.call { s3.put_object(bucket: bucket, key: "a b/ü.zip", body: body, metadata: { "commit" => "1" }) }
head = call.call { s3.head_object(bucket: bucket, key: "a b/ü.zip") }
raise head.inspect unless head.etag == put.etag && head.metadata["commit"] == "1"

got = call.call { s3.get_object(bucket: bucket, key: "a b/ü.zip") }.body.read.force_encoding("UTF-8")
raise "other bytes" unless got == body

part = call.call { s3.get_object(bucket: bucket, key: "a b/ü.zip", range: "bytes=0-3") }.body.read.force_encoding("UTF-8")
raise part unless part == "éé"

keys = call.call { s3.list_objects_v2(bucket: bucket) }.contents.map(&:key)
raise keys.inspect unless keys == ["a b/ü.zip"]

large = Aws::S3::Object.new(bucket, "parts.zip", client: s3)
file = File.join(Dir.pwd, "parts.bin")
File.binwrite(file, "x" * (17 << 20))
call.call { large.upload_file(file, multipart_threshold: 5 << 20) }
raise "parts" unless large.content_length == 17 << 20

begin
  call.call { s3.get_object(bucket: bucket, key: "none") }
  raise "there is none"
rescue Aws::S3::Errors::NoSuchKey => error
  raise error.message unless error.message == "The specified key does not exist."
end
call.call { s3.delete_object(bucket: bucket, key: "a b/ü.zip") }
puts JSON.generate(client: "aws-sdk-s3 for Ruby #{Aws::S3::GEM_VERSION}, core #{Aws::CORE_GEM_VERSION}", calls: calls)
