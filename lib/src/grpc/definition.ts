// Makes a service that protoc-gen-es generated usable in nice-grpc, which knows ts-proto's and grpc-js's
// definitions only. Shaped as ts-proto's: the grpc-js shape would lose the idempotency options.
import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';

/** Turns messages of one type into bytes and back. */
export interface GrpcMessageType<Desc extends DescMessage> {
  encode(message: MessageShape<Desc>): { finish(): Uint8Array };
  decode(bytes: Uint8Array): MessageShape<Desc>;
  fromPartial(init: MessageInitShape<Desc>): MessageShape<Desc>;
}

type Kind = DescMethod['methodKind'];
type RequestStream<K extends Kind> = K extends 'client_streaming' | 'bidi_streaming' ? true : false;
type ResponseStream<K extends Kind> = K extends 'server_streaming' | 'bidi_streaming'
  ? true
  : false;

/** One RPC: what a caller puts in is an init shape, what it gets is a whole message. */
export interface GrpcMethod<Method extends Pick<DescMethod, 'input' | 'output' | 'methodKind'>> {
  name: string;
  requestType: GrpcMessageType<Method['input']>;
  requestStream: RequestStream<Method['methodKind']>;
  responseType: GrpcMessageType<Method['output']>;
  responseStream: ResponseStream<Method['methodKind']>;
  options: { idempotencyLevel?: 'IDEMPOTENT' | 'NO_SIDE_EFFECTS' };
}

/** A service as nice-grpc's createServer().add and createClient take it. */
export interface GrpcDefinition<Service extends DescService> {
  name: string;
  fullName: string;
  methods: { [Name in keyof Service['method']]: GrpcMethod<Service['method'][Name]> };
}

/** Adapts a generated service. The same definition serves clients and servers. */
export function grpcDefinition<Service extends DescService>(
  service: Service,
): GrpcDefinition<Service> {
  const methods = Object.fromEntries(
    Object.entries<DescMethod>(service.method).map(([name, method]) => [name, methodOf(method)]),
  );
  return {
    name: service.name,
    fullName: service.typeName,
    // The entries of an object lose the tie between a key and its value's type; `methodOf` keeps it.
    methods: methods as GrpcDefinition<Service>['methods'],
  };
}

function methodOf(method: DescMethod) {
  const { methodKind, idempotency } = method;
  return {
    name: method.name,
    requestType: messageTypeOf(method.input),
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseType: messageTypeOf(method.output),
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    options:
      idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS
        ? { idempotencyLevel: 'NO_SIDE_EFFECTS' }
        : idempotency === MethodOptions_IdempotencyLevel.IDEMPOTENT
          ? { idempotencyLevel: 'IDEMPOTENT' }
          : {},
  };
}

function messageTypeOf<Desc extends DescMessage>(desc: Desc): GrpcMessageType<Desc> {
  return {
    encode: (message) => ({ finish: () => toBinary(desc, message) }),
    decode: (bytes) => fromBinary(desc, bytes),
    fromPartial: (init) => create(desc, init),
  };
}
