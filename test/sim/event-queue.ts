// What happens next: a heap by time, and by order of arrival within one moment.

/** One thing that is to happen. Without `run` it was called off. */
export interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Entries, the earliest first. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  push(at: number, run: () => void): Entry {
    this.#order += 1;
    const entry: Entry = { at, order: this.#order, run };
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !before(entry, parent)) break;
      this.#heap[index] = parent;
      index = above;
    }
    this.#heap[index] = entry;
    return entry;
  }

  /** The earliest moment; never where nothing waits. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  pop(): Entry | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || last === first) return first;
    this.#sink(last);
    return first;
  }

  #sink(entry: Entry): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      if (left === undefined) break;
      const goRight = right !== undefined && before(right, left);
      const child = goRight ? right : left;
      if (!before(child, entry)) break;
      heap[index] = child;
      index = 2 * index + (goRight ? 2 : 1);
    }
    heap[index] = entry;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
