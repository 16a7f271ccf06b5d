import { createHash } from 'node:crypto';

type Send = (script: string, ...parameters: never[]) => unknown;

/** What of a client BullMQ loads scripts and makes transactions with. */
interface Transacting {
  scriptLoad(script: string): Promise<unknown>;
  multi(): { eval: Send; evalSha: Send };
  duplicate(...parameters: never[]): Transacting;
}

/**
 * Has a client's transactions carry the scripts that they run, each once. BullMQ names them by their digests there, which a
 * Redis that was started again does not know, and loads them only when it is made: such a transaction would fail for ever.
 * @param scripts by digest: those that the client was told to load.
 */
export function wholeTransactions(client: object, scripts = new Map<string, string>()): void {
  const transacting = client as Transacting;
  const load = transacting.scriptLoad.bind(client);
  transacting.scriptLoad = (script) => {
    scripts.set(createHash('sha1').update(script).digest('hex'), script);
    return load(script);
  };
  const multi = transacting.multi.bind(client);
  transacting.multi = () => {
    const transaction = multi();
    const evalSha = transaction.evalSha.bind(transaction);
    const carried = new Set<string>();
    transaction.evalSha = (digest, ...parameters) => {
      const script = carried.has(digest) ? undefined : scripts.get(digest);
      carried.add(digest);
      return script === undefined ? evalSha(digest, ...parameters) : transaction.eval(script, ...parameters);
    };
    return transaction;
  };
  const duplicate = transacting.duplicate.bind(client);
  transacting.duplicate = (...parameters) => {
    const copy = duplicate(...parameters);
    wholeTransactions(copy, scripts);
    return copy;
  };
}
