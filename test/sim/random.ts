// The simulator's only source of chance: a small generator (sfc32) that one seed determines. Each part
// of the world draws from a stream of its own, so that one more draw in one part moves no other.

/** A stream of numbers that its seed and its name determine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number, name: string) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = hash(name);
    for (let warmUp = 0; warmUp < 15; warmUp += 1) this.next();
  }

  /** From 0, 1 excluded. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Mostly short, now and then long: the intervals of what happens by itself. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Undefined only of an empty list. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of a list that is not empty. */
  oneOf<T>(first: T, ...rest: readonly T[]): T {
    return this.pick([first, ...rest]) ?? first;
  }
}

function hash(text: string): number {
  let value = 2166136261;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 16777619);
  }
  return value >>> 0;
}
