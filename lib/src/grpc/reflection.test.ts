// Reflection over a real listener: a client that knows nothing learns every service and message.

import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { ServerReflectionRequestSchema } from '@koi/gen/grpc/reflection/v1/reflection_pb';
import test, { type ExecutionContext } from 'ava';
import { createChangeSignal } from '../change-signal.ts';
import { openChannel, openClient } from './client.ts';
import { EchoService } from './echo-service.fixture.ts';
import { reflectionAlphaDefinition, reflectionDefinition } from './reflection.ts';
import { createServer, listen } from './server.ts';
import { addStandardServices } from './standard-services.ts';

type Question = NonNullable<
  MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest']
>;

async function serve(t: ExecutionContext, definition = reflectionDefinition) {
  const server = createServer();
  addStandardServices(server, [EchoService], {
    serves: () => true,
    changes: createChangeSignal(),
  });
  const listener = await listen(server, '127.0.0.1:0');
  const channel = openChannel(listener.address);
  t.teardown(async () => {
    channel.close();
    await listener.stop(0);
  });
  const client = openClient(definition, channel);
  return async (messageRequest: Question) => {
    async function* one() {
      yield { host: 'h', messageRequest };
    }
    for await (const { messageResponse, validHost } of client.serverReflectionInfo(one())) {
      t.is(validHost, 'h');
      return messageResponse;
    }
    throw new Error('no answer');
  };
}

for (const [version, definition] of [
  ['v1', reflectionDefinition],
  ['v1alpha', reflectionAlphaDefinition],
] as const) {
  test(`${version}: every listed service can be built from the files that are told of it`, async (t) => {
    const ask = await serve(t, definition);
    const listed = await ask({ case: 'listServices', value: '*' });
    if (listed.case !== 'listServicesResponse') throw new Error(`${listed.case}`);
    const names = listed.value.service.map(({ name }) => name);
    t.deepEqual(names, [
      EchoService.typeName,
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ]);
    for (const value of names) {
      const found = await ask({ case: 'fileContainingSymbol', value });
      if (found.case !== 'fileDescriptorResponse') throw new Error(`${found.case}`);
      const file = found.value.fileDescriptorProto.map((bytes) =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      // A registry wants what is imported first.
      const set = create(FileDescriptorSetSchema, { file: file.toReversed() });
      t.truthy(createFileRegistry(set).getService(value));
    }
  });
}

test('files, messages, enums and methods are found by name, and what is unknown is refused', async (t) => {
  const ask = await serve(t);
  const cases = async (question: Question) => (await ask(question)).case;
  const found = 'fileDescriptorResponse';
  const file = 'google/protobuf/wrappers.proto';
  t.is(await cases({ case: 'fileByFilename', value: file }), found);
  for (const value of [
    'google.protobuf.StringValue',
    'grpc.health.v1.HealthCheckResponse.ServingStatus',
    `${EchoService.typeName}.CountUp`,
  ]) {
    t.is(await cases({ case: 'fileContainingSymbol', value }), found, value);
  }
  const unknown = await ask({ case: 'fileContainingSymbol', value: 'x.Y' });
  t.like(unknown, { case: 'errorResponse', value: { errorCode: 5 } });
  t.like(await ask({ case: 'fileByFilename', value: 'x.proto' }), { case: 'errorResponse' });
  const extension = { containingType: 'x.Y', extensionNumber: 1 };
  t.like(await ask({ case: 'fileContainingExtension', value: extension }), {
    case: 'errorResponse',
  });
  t.like(await ask({ case: undefined }), { case: 'errorResponse', value: { errorCode: 3 } });
});
