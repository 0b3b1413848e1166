// A response as proto3 JSON. Fields that are empty are printed too: a script reads them without
// asking whether they are there.
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';
import { neutralJson } from './neutral.ts';

/** A message as indented proto3 JSON with a final newline. */
export function writeJson<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
): string {
  return stringify(schema, message, 2);
}

/** A message as one line of proto3 JSON: for answers that are several messages. */
export function writeJsonLine<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
): string {
  return stringify(schema, message, 0);
}

function stringify<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
  indent: number,
): string {
  const json = JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, indent);
  return `${neutralJson(json)}\n`;
}
