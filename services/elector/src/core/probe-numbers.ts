// Numbers an elector's probes, whatever they are for, so that a late reply is taken for no other probe's.

export class ProbeNumbers {
  private last = 0;

  next(): number {
    this.last += 1;
    return this.last;
  }
}
