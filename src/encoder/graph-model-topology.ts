import { z } from 'zod';
import { LegendaError } from '../errors.js';
import type { Padding } from './network.js';

/** An attribute of a GraphDef node as TF.js writes it in JSON; strings are in base64. */
const attributeSchema = z.object({
  s: z.string().optional(),
  i: z.union([z.string(), z.number()]).optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  list: z
    .object({
      s: z.array(z.string()).optional(),
      i: z.array(z.union([z.string(), z.number()])).optional(),
    })
    .optional(),
});

const topologySchema = z.object({
  node: z.array(
    z.object({
      name: z.string(),
      op: z.string(),
      input: z.array(z.string()).optional(),
      attr: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

/** One operation of a TensorFlow graph. */
export class GraphNode {
  /** The names of the nodes it reads, without output numbers and control inputs. */
  readonly inputs: readonly string[];

  constructor(
    readonly name: string,
    readonly operation: string,
    inputs: readonly string[],
    private readonly attributes: Readonly<Record<string, unknown>>,
  ) {
    this.inputs = inputs.filter((input) => !input.startsWith('^')).map((input) => input.replace(/:\d+$/, ''));
  }

  private attribute(name: string): z.infer<typeof attributeSchema> {
    return attributeSchema.parse(this.attributes[name] ?? {});
  }

  number(name: string): number | undefined {
    return this.attribute(name).f;
  }

  flag(name: string): boolean {
    return this.attribute(name).b ?? false;
  }

  strings(name: string): string[] {
    return (this.attribute(name).list?.s ?? []).map(decode);
  }

  /** The height and width of an attribute `[1, height, width, 1]`; `[1, 1]` where it is not given. */
  pair(name: string): [number, number] {
    const [, height = 1, width = 1] = this.integers(name);
    return [height, width];
  }

  integers(name: string): number[] {
    return (this.attribute(name).list?.i ?? []).map(Number);
  }

  /** Strides and padding of a convolution or pooling. @throws `ENCODER_OPERATION_UNKNOWN` for another layout or padding. */
  window(): { strides: [number, number]; padding: Padding } {
    const layout = decode(this.attribute('data_format').s ?? '');
    if (layout !== '' && layout !== 'NHWC') throw this.unsupported('layout NHWC', layout);
    return { strides: this.pair('strides'), padding: this.padding() };
  }

  private padding(): Padding {
    const padding = decode(this.attribute('padding').s ?? '');
    if (padding === 'SAME') return 'same';
    if (padding === 'VALID') return 'valid';
    throw this.unsupported('padding SAME or VALID', padding || 'none');
  }

  private unsupported(expected: string, received: string): LegendaError {
    return new LegendaError('ENCODER_OPERATION_UNKNOWN', {
      expected,
      received: `${received} at ${this.name}`,
    });
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

/** The nodes of a TF.js `modelTopology` by name. @throws `ENCODER_INVALID` when it is no graph. */
export function readTopology(topology: unknown): Map<string, GraphNode> {
  const parsed = topologySchema.safeParse(topology);
  if (!parsed.success) {
    throw new LegendaError('ENCODER_INVALID', {
      expected: 'a TF.js GraphModel (a layers model must be converted first)',
      received: z.prettifyError(parsed.error).split('\n')[0] ?? '',
    });
  }
  const nodes = parsed.data.node.map(
    ({ name, op, input, attr }) => new GraphNode(name, op, input ?? [], attr ?? {}),
  );
  return new Map(nodes.map((node) => [node.name, node]));
}

/** The targets and all they depend on, each after its inputs. @throws `ENCODER_INVALID` for a name that is not there. */
export function nodesUpTo(nodes: ReadonlyMap<string, GraphNode>, targets: readonly string[]): GraphNode[] {
  const ordered = new Set<GraphNode>();
  const visit = (name: string) => {
    const node = nodes.get(name);
    if (node === undefined) {
      throw new LegendaError('ENCODER_INVALID', {
        expected: `a node named ${name}`,
        received: `${nodes.size} nodes, the last of them ${[...nodes.keys()].slice(-4).join(', ')}`,
      });
    }
    if (ordered.has(node)) return;
    for (const input of node.inputs) visit(input);
    ordered.add(node);
  };
  for (const target of targets) visit(target);
  return [...ordered];
}
