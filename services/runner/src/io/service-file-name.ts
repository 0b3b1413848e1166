// A service's name as the name of a file or a cgroup. Service names may hold anything that a file name
// may; what stands here is safe in a shell, in /sys, and with something appended.
import { createHash } from 'node:crypto';

/** Names as long as this are kept as they are, if there is nothing special in them. */
const PLAIN_MAX = 64;

const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** The one name that stands for a service; no two services share one. */
export function fileNameOf(service: string): string {
  if (service.length <= PLAIN_MAX && PLAIN.test(service)) return service;
  const readable = service.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, PLAIN_MAX / 2);
  const digest = createHash('sha256').update(service).digest('hex').slice(0, 16);
  // No plain name has a % in it.
  return `%${readable}-${digest}`;
}
