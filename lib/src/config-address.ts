// Addresses as the configuration writes them: host:port, an IPv6 host in brackets.
import { isIP } from 'node:net';

/** An address in its two parts, the host without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;

/** Reads an address, or says in a sentence what is wrong with it and what would be right. */
export function readAddress(text: string): Address | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed === null && text.split(':').length > 2) {
    const whole = isIP(text) === 6 ? text : text.slice(0, text.lastIndexOf(':'));
    return `"${text}" must be host:port with an IPv6 host in brackets: [${whole}]:42012`;
  }
  const [host = '', port] = bracketed ? [bracketed[1], bracketed[2]] : text.split(':');
  if (bracketed !== null && isIP(host) !== 6) {
    return `"${text}" has no IPv6 address in its brackets: write it like [::1]:42012`;
  }
  if (host === '') return `"${text}" has no host: write it like 10.0.0.1:42012`;
  const plain = bracketed === null;
  if (plain && /^[\d.]+$/.test(host) && isIP(host) === 0) {
    return `"${text}" has no IPv4 address: it takes four numbers up to 255, like 10.0.0.1:42012`;
  }
  if (plain && !/^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(host)) {
    return `"${text}" has no host name or address before its port: write it like 10.0.0.1:42012`;
  }
  if (port === undefined || port === '') {
    return `"${text}" has no port: write it like ${plain ? host : `[${host}]`}:42012`;
  }
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > PORT_MAX) {
    return `"${text}" has the port "${port}": it must be a number from 1 to ${PORT_MAX}`;
  }
  return { host, port: number };
}

/** Whether nobody but this host can reach an address: 127.0.0.0/8, ::1 or localhost. */
export function isLoopback(text: string): boolean {
  const address = readAddress(text);
  if (typeof address === 'string') return false;
  const host = address.host.toLowerCase();
  if (host === 'localhost' || host === '::1' || host === '0:0:0:0:0:0:0:1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
