// Serves server reflection from the descriptors that the generated code carries: generic clients need no
// .proto files then. One implementation for v1 and for v1alpha, whose messages are the same.
import { type DescFile, type DescMessage, type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  ServerReflection,
  type ServerReflectionRequest,
} from '@koi/gen/grpc/reflection/v1/reflection_pb';
import { type ServiceImplementation, Status } from 'nice-grpc';
import { grpcDefinition } from './definition.ts';

export const reflectionDefinition = grpcDefinition(ServerReflection);

/** The same under the name that many tools still ask for. */
export const reflectionAlphaDefinition: typeof reflectionDefinition = {
  ...reflectionDefinition,
  fullName: 'grpc.reflection.v1alpha.ServerReflection',
};

/** Tells of these services, and of everything that their files import. */
export function createReflectionService(
  services: readonly DescService[],
): ServiceImplementation<typeof reflectionDefinition> {
  const files = new Map<string, DescFile>();
  for (const { file } of services) collectFiles(file, files);
  const symbols = new Map<string, DescFile>();
  for (const file of files.values()) for (const name of symbolsOf(file)) symbols.set(name, file);

  function answer({ messageRequest }: ServerReflectionRequest) {
    switch (messageRequest.case) {
      case 'fileByFilename':
        return fileAnswer(files.get(messageRequest.value), `file ${messageRequest.value}`);
      case 'fileContainingSymbol':
        return fileAnswer(symbols.get(messageRequest.value), `symbol ${messageRequest.value}`);
      case 'listServices':
        return {
          case: 'listServicesResponse' as const,
          value: { service: services.map(({ typeName }) => ({ name: typeName })) },
        };
      case 'fileContainingExtension': {
        const { containingType, extensionNumber } = messageRequest.value;
        return unknown(`extension ${extensionNumber} of ${containingType}`);
      }
      case 'allExtensionNumbersOfType': {
        const baseTypeName = messageRequest.value;
        if (!symbols.has(baseTypeName)) return unknown(`symbol ${baseTypeName}`);
        return { case: 'allExtensionNumbersResponse' as const, value: { baseTypeName } };
      }
      default:
        return refusal(Status.INVALID_ARGUMENT, 'the request asks for nothing');
    }
  }

  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request),
        };
      }
    },
  };
}

/** A file with everything that it imports, so that nobody has to ask again. */
function fileAnswer(file: DescFile | undefined, what: string) {
  if (file === undefined) return unknown(what);
  const files = new Map<string, DescFile>();
  collectFiles(file, files);
  const fileDescriptorProto = [...files.values()].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: 'fileDescriptorResponse' as const, value: { fileDescriptorProto } };
}

function unknown(what: string) {
  return refusal(Status.NOT_FOUND, `this server does not know ${what}`);
}

function refusal(errorCode: Status, errorMessage: string) {
  return { case: 'errorResponse' as const, value: { errorCode, errorMessage } };
}

/** The file itself first, under the names by which others import it. */
function collectFiles(file: DescFile, found: Map<string, DescFile>): void {
  if (found.has(file.proto.name)) return;
  found.set(file.proto.name, file);
  for (const dependency of file.dependencies) collectFiles(dependency, found);
}

function symbolsOf(file: DescFile): readonly string[] {
  return [
    ...file.messages.flatMap(symbolsOfMessage),
    ...file.enums.map(({ typeName }) => typeName),
    ...file.services.flatMap(({ typeName, methods }) => [
      typeName,
      ...methods.map(({ name }) => `${typeName}.${name}`),
    ]),
  ];
}

function symbolsOfMessage(message: DescMessage): readonly string[] {
  return [
    message.typeName,
    ...message.nestedMessages.flatMap(symbolsOfMessage),
    ...message.nestedEnums.map(({ typeName }) => typeName),
  ];
}
