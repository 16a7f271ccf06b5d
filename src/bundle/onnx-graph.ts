import onnxProto, { type onnx } from 'onnx-proto';

const { AttributeProto, ModelProto, TensorProto } = onnxProto.onnx;

/** Opset 17 (IR version 8) is the oldest with every operator used here; ONNX Runtime has read it since 1.12. */
const OPSET = 17;
const IR_VERSION = 8;

export type ElementType = 'float' | 'uint8' | 'int8' | 'int32';

const ELEMENT_TYPES = {
  float: TensorProto.DataType.FLOAT,
  uint8: TensorProto.DataType.UINT8,
  int8: TensorProto.DataType.INT8,
  int32: TensorProto.DataType.INT32,
} as const;

/** A fixed length, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

type Attributes = Readonly<Record<string, number | readonly number[]>>;

/** Builds an ONNX graph node by node. Tensors are known by their names. */
export class OnnxGraph {
  private readonly graph: onnx.IGraphProto & {
    node: onnx.INodeProto[];
    input: onnx.IValueInfoProto[];
    output: onnx.IValueInfoProto[];
    initializer: onnx.ITensorProto[];
  };
  private readonly initialisers = new Set<string>();

  /** @param exposing whether tensors that are shown become outputs. */
  constructor(
    name: string,
    private readonly exposing = false,
  ) {
    this.graph = { name, node: [], input: [], output: [], initializer: [] };
  }

  /** Declares an input and returns its name. */
  input(name: string, type: ElementType, dimensions: readonly Dimension[]): string {
    this.graph.input.push(valueInfo(name, type, dimensions));
    return name;
  }

  /** Declares the tensor of this name as an output. */
  output(name: string, dimensions: readonly Dimension[], type: ElementType = 'float'): void {
    this.graph.output.push(valueInfo(name, type, dimensions));
  }

  /** In an exposing graph, makes a copy of the float32 tensor an output under this name. */
  show(name: string, tensor: string): void {
    if (!this.exposing || this.graph.output.some((output) => output.name === name)) return;
    this.node('Identity', [tensor], {}, name);
    this.graph.output.push({ name, type: { tensorType: { elemType: ELEMENT_TYPES.float } } });
  }

  /** Adds a node and returns the name of its one output: `output`, or a name of its own. */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const name = output ?? `${operator}${this.graph.node.length}`;
    this.push(operator, inputs, [name], attributes);
    return name;
  }

  /** Cuts a tensor's last axis into equal parts of this length and returns their names. */
  split(input: string, count: number, length: number, outputs?: readonly string[]): string[] {
    const names =
      outputs ?? Array.from({ length: count }, (_, part) => `Split${this.graph.node.length}.${part}`);
    const lengths = this.integers(new Array<number>(count).fill(length));
    this.push('Split', [input, lengths], names, { axis: -1 });
    return [...names];
  }

  /** The tensor's values as float32. */
  toFloat(input: string, output?: string): string {
    return this.node('Cast', [input], { to: ELEMENT_TYPES.float }, output);
  }

  /** The tensor's values as int32. */
  toInteger(input: string, output?: string): string {
    return this.node('Cast', [input], { to: ELEMENT_TYPES.int32 }, output);
  }

  /** The largest values along the last axis, largest first, and their indices: the names of both. */
  topK(input: string, count: number, values?: string): [string, string] {
    const name = `TopK${this.graph.node.length}`;
    const names: [string, string] = [values ?? `${name}.values`, `${name}.indices`];
    this.push('TopK', [input, this.integers([count])], names, { axis: -1 });
    return names;
  }

  /** A constant vector of int64, such as a shape. */
  integers(values: readonly number[], name = `integers(${values.join(',')})`): string {
    const data = new BigInt64Array(values.map(BigInt));
    return this.initialiser({
      name,
      dims: [values.length],
      dataType: TensorProto.DataType.INT64,
      rawData: new Uint8Array(data.buffer),
    });
  }

  /** A constant vector of float32. */
  floats(values: readonly number[], name: string): string {
    return this.initialiser({
      name,
      dims: [values.length],
      dataType: TensorProto.DataType.FLOAT,
      rawData: new Uint8Array(new Float32Array(values).buffer),
    });
  }

  /** A constant float32 scalar. */
  scalar(value: number): string {
    return this.initialiser({
      name: `scalar(${value})`,
      dims: [],
      dataType: TensorProto.DataType.FLOAT,
      rawData: new Uint8Array(new Float32Array([value]).buffer),
    });
  }

  /** Constant data of any type. */
  constant(
    name: string,
    type: ElementType,
    shape: readonly number[],
    values: Float32Array | Uint8Array | Int8Array | Int32Array,
  ): string {
    return this.initialiser({
      name,
      dims: [...shape],
      dataType: ELEMENT_TYPES[type],
      rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
  }

  hasInitialiser(name: string): boolean {
    return this.initialisers.has(name);
  }

  /** Adds constant data under its name, once, and returns the name. */
  initialiser(tensor: onnx.ITensorProto & { name: string }): string {
    if (!this.hasInitialiser(tensor.name)) this.graph.initializer.push(tensor);
    this.initialisers.add(tensor.name);
    return tensor.name;
  }

  /** The model file. @param metadata stored beside the graph, key by key. */
  encode(metadata: Readonly<Record<string, string>> = {}): Uint8Array {
    return ModelProto.encode({
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPSET }],
      producerName: 'legenda',
      graph: this.graph,
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    }).finish();
  }

  private push(
    opType: string,
    input: readonly string[],
    output: readonly string[],
    attributes: Attributes,
  ): void {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      typeof value === 'number'
        ? { name, type: AttributeProto.AttributeType.INT, i: value }
        : { name, type: AttributeProto.AttributeType.INTS, ints: [...value] },
    );
    const name = `${opType}.${this.graph.node.length}`;
    this.graph.node.push({ opType, name, input: [...input], output: [...output], attribute });
  }
}

function valueInfo(name: string, type: ElementType, dimensions: readonly Dimension[]): onnx.IValueInfoProto {
  const dim = dimensions.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: ELEMENT_TYPES[type], shape: { dim } } } };
}
