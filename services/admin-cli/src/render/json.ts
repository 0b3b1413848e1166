// A response as proto3 JSON. Fields that are empty are printed too: a script reads them without
// asking whether they are there.
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';

/** A message as indented proto3 JSON with a final newline. */
export function renderJson<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
): string {
  return `${JSON.stringify(toJson(schema, message, { alwaysEmitImplicit: true }), null, 2)}\n`;
}
