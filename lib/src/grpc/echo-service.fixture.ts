// A service with all four kinds of RPC, made of well-known messages: tests of the gRPC edge need one
// that is not koi's own. Built at run time from a descriptor, typed as generated code would be.
import { create, createFileRegistry, type DescService } from '@bufbuild/protobuf';
import type { GenService } from '@bufbuild/protobuf/codegenv2';
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
  MethodOptions_IdempotencyLevel,
  type StringValueSchema,
  type UInt32ValueSchema,
} from '@bufbuild/protobuf/wkt';

const STRING = '.google.protobuf.StringValue';
const COUNT = '.google.protobuf.UInt32Value';

const file = create(FileDescriptorProtoSchema, {
  name: 'koi/test/v1/echo_service.proto',
  package: 'koi.test.v1',
  syntax: 'proto3',
  dependency: ['google/protobuf/wrappers.proto'],
  service: [
    {
      name: 'EchoService',
      method: [
        {
          name: 'Unary',
          inputType: STRING,
          outputType: STRING,
          options: { idempotencyLevel: MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS },
        },
        {
          name: 'CountUp',
          inputType: COUNT,
          outputType: STRING,
          serverStreaming: true,
          options: { idempotencyLevel: MethodOptions_IdempotencyLevel.IDEMPOTENT },
        },
        { name: 'CountAll', inputType: STRING, outputType: COUNT, clientStreaming: true },
        {
          name: 'Converse',
          inputType: STRING,
          outputType: STRING,
          clientStreaming: true,
          serverStreaming: true,
        },
      ],
    },
  ],
});

function build(): DescService {
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] }),
  );
  const service = registry.getService('koi.test.v1.EchoService');
  if (service === undefined) throw new Error('the fixture lacks its own service');
  return service;
}

/** Echoes in all four kinds; Unary has no side effects, CountUp is idempotent, the others say nothing. */
export const EchoService = build() as GenService<{
  unary: {
    methodKind: 'unary';
    input: typeof StringValueSchema;
    output: typeof StringValueSchema;
  };
  countUp: {
    methodKind: 'server_streaming';
    input: typeof UInt32ValueSchema;
    output: typeof StringValueSchema;
  };
  countAll: {
    methodKind: 'client_streaming';
    input: typeof StringValueSchema;
    output: typeof UInt32ValueSchema;
  };
  converse: {
    methodKind: 'bidi_streaming';
    input: typeof StringValueSchema;
    output: typeof StringValueSchema;
  };
}>;
