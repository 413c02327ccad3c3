<?php
// Queues, topics and a role by AsyncAws, as Debian has it: its SQS speaks the query protocol, as SDKs of before 2024 do.

require_once 'AsyncAws/Core/autoload.php';
require_once 'AsyncAws/Sqs/autoload.php';
require_once 'AsyncAws/Sns/autoload.php';

use AsyncAws\Core\Configuration;
use AsyncAws\Core\Credentials\NullProvider;
use AsyncAws\Core\Sts\StsClient;
use AsyncAws\Sns\SnsClient;
use AsyncAws\Sqs\Exception\QueueDoesNotExistException;
use AsyncAws\Sqs\SqsClient;

function must(bool $holds, string $what): void
{
    global $steps;
    $steps++;
    if (!$holds) {
        fwrite(STDERR, "$what does not hold\n");
        exit(1);
    }
}

$steps = 0;
$of = fn (array $more = []) => Configuration::create($more + [
    'endpoint' => getenv('AWS_ENDPOINT_URL'),
    'region' => 'us-east-1',
]);

$sts = new StsClient($of());
must($sts->getCallerIdentity()->getAccount() === '123456789012', 'the account');

$sqs = new SqsClient($of());
$url = $sqs->createQueue(['QueueName' => 'orders', 'Attributes' => ['VisibilityTimeout' => '90'], 'tags' => ['a' => 'b & c']])->getQueueUrl();
must(str_starts_with($url, getenv('AWS_ENDPOINT_URL')), "the address $url");
must($sqs->getQueueUrl(['QueueName' => 'orders'])->getQueueUrl() === $url, 'the address, read');
$read = $sqs->getQueueAttributes(['QueueUrl' => $url, 'AttributeNames' => ['QueueArn', 'VisibilityTimeout']])->getAttributes();
must($read === ['QueueArn' => 'arn:aws:sqs:us-east-1:123456789012:orders', 'VisibilityTimeout' => '90'], json_encode($read));
must(iterator_to_array($sqs->listQueues(['QueueNamePrefix' => 'o'])->getQueueUrls(), false) === [$url], 'the list');
$sent = $sqs->sendMessage(['QueueUrl' => $url, 'MessageBody' => 'é', 'MessageAttributes' => ['k' => ['DataType' => 'String', 'StringValue' => 'v']]]);
must($sent->getMD5OfMessageBody() === md5('é'), 'the digest');
must(iterator_to_array($sqs->receiveMessage(['QueueUrl' => $url])->getMessages(), false) === [], 'no message');
$sqs->deleteQueue(['QueueUrl' => $url])->resolve();
try {
    $sqs->getQueueUrl(['QueueName' => 'orders'])->resolve();
    must(false, 'a queue that is gone');
} catch (QueueDoesNotExistException $gone) {
    must($gone->getAwsCode() === 'AWS.SimpleQueueService.NonExistentQueue', $gone->getAwsCode());
}

$sns = new SnsClient($of());
$arn = $sns->createTopic(['Name' => 'ops', 'Attributes' => ['DisplayName' => 'a & b'], 'Tags' => [['Key' => 'k', 'Value' => 'v']]])->getTopicArn();
must($arn === 'arn:aws:sns:us-east-1:123456789012:ops', "the topic $arn");
$subscribed = $sns->subscribe(['TopicArn' => $arn, 'Protocol' => 'lambda', 'Endpoint' => 'arn:aws:lambda:us-east-1:123456789012:function:pay', 'ReturnSubscriptionArn' => true]);
must(str_starts_with($subscribed->getSubscriptionArn(), "$arn:"), 'the subscription');
must($sns->publish(['TopicArn' => $arn, 'Message' => 'm'])->getMessageId() !== '', 'a message');

$taken = $sts->assumeRole(['RoleArn' => 'arn:aws:iam::210987654321:role/deploy', 'RoleSessionName' => 'ci'])->getCredentials();
$as = new StsClient($of([
    'accessKeyId' => $taken->getAccessKeyId(),
    'accessKeySecret' => $taken->getSecretAccessKey(),
    'sessionToken' => $taken->getSessionToken(),
]));
must($as->getCallerIdentity()->getArn() === 'arn:aws:sts::210987654321:assumed-role/deploy/ci', 'the role');
// Without a signature.
$anybody = new StsClient($of(), new NullProvider());
$token = 'e30.' . rtrim(strtr(base64_encode('{"sub": "repo"}'), '+/', '-_'), '=') . '.x';
$told = $anybody->assumeRoleWithWebIdentity(['RoleArn' => 'arn:aws:iam::210987654321:role/ci', 'RoleSessionName' => 'run', 'WebIdentityToken' => $token]);
must($told->getSubjectFromWebIdentityToken() === 'repo', 'the subject');

$version = trim(shell_exec("dpkg-query -W -f '\${Version}' php-async-aws-core 2>/dev/null") ?? '');
echo "AsyncAws $version: $steps steps\n";
