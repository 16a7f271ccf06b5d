/**
 * Arrays that each batch uses again. A new one for each, of up to a megabyte, leaves the process with holes in its memory: 50 MiB more
 * after some thousand pictures.
 */
export class Workspace {
  private readonly arrays = new Map<string, Float32Array<ArrayBuffer>>();

  /** Room for so many numbers, whatever they are now. It is the caller's until the same name is asked for again. */
  floats(name: string, length: number): Float32Array<ArrayBuffer> {
    const kept = this.arrays.get(name);
    if (kept !== undefined && kept.length >= length) return kept.subarray(0, length);
    const larger = new Float32Array(length);
    this.arrays.set(name, larger);
    return larger;
  }
}
