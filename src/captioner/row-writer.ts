import type { Bundle } from '../bundle/index.js';
import { LegendaError } from '../errors.js';
import type { Hypothesis } from '../search/index.js';
import type { TagMap } from '../tags/index.js';
import { sentence } from '../text/index.js';
import { BELOW_MINIMUM, type Caption, type CaptionRow, failedRow } from './caption-row.js';
import { type ConfidenceModel, confidenceOf } from './confidence.js';
import { ImageTags, tagLabels } from './image-tags.js';
import { type EncodedImages, floats, logitsOf } from './onnx-encoder.js';

/** What of an image its row is made of. */
export interface FoundImageCaptions {
  readonly hypotheses: readonly Hypothesis[];
  /** The mean of its cells, `[D]`. */
  readonly vector: Float32Array;
  readonly tags: ImageTags | undefined;
  /** The words of the cells that stand behind the grid's, when it is kept where the model looked. */
  readonly beside: readonly string[];
}

export interface RowOptions {
  /** Captions that are less sure are left out. */
  readonly minimumConfidence: number;
  /** Whether captions carry what their confidence is computed from. */
  readonly evidence: boolean;
}

/** Puts what was found for an image in words. */
export class RowWriter {
  private labels: TagMap | undefined;

  constructor(
    private readonly bundle: Bundle,
    private readonly confidence: ConfidenceModel | undefined,
  ) {}

  /** What was found for each image of a batch. */
  join(encoded: EncodedImages, found: readonly (readonly Hypothesis[])[]): FoundImageCaptions[] {
    const tags = this.tagsOf(encoded);
    return found.map((hypotheses, image) => ({
      hypotheses,
      vector: meanCell(encoded, image, this.bundle.manifest.featureGrid.cells),
      tags: tags[image],
      beside: hypotheses[0]?.attention === undefined ? [] : this.besideOf(encoded, image),
    }));
  }

  row(image: string, found: FoundImageCaptions, options: RowOptions): CaptionRow {
    const captions = found.hypotheses.map((hypothesis) => this.write(hypothesis, found, options.evidence));
    const [first] = captions;
    if (first === undefined) {
      const error = new LegendaError('NO_CAPTION', {
        received: 'options that no caption fits, or a model whose log-probabilities are not numbers',
        advice: 'ask for fewer words at the least, or let more of them be written',
      });
      return failedRow(image, error);
    }
    const tags = found.tags === undefined ? {} : { tags: found.tags.list() };
    const model = this.bundle.manifest.name;
    const sure = captions.filter(({ confidence }) => confidence >= options.minimumConfidence);
    const [best] = sure;
    if (best === undefined) {
      const { confidence } = first;
      return { image, caption: null, confidence, captions: [], reason: BELOW_MINIMUM, ...tags, model };
    }
    return { image, caption: best.text, confidence: best.confidence, captions: sure, ...tags, model };
  }

  private write(hypothesis: Hypothesis, found: FoundImageCaptions, withEvidence: boolean): Caption {
    const { tokens, logProbability, ended, attention, wordLogProbabilities = [] } = hypothesis;
    const { vocabulary } = this.bundle;
    const words = vocabulary.decode(tokens);
    const tagsNamed = found.tags?.probabilityNamed(words);
    const evidence = { tokens, wordLogProbabilities, image: found.vector, tagsNamed };
    const length = tokens.length + (ended ? 1 : 0);
    const confidence =
      this.confidence === undefined
        ? Math.exp(logProbability / length)
        : confidenceOf(evidence, this.confidence);
    const { cells: grid } = this.bundle.manifest.featureGrid;
    const looked = attention?.map((cells, index) => ({
      word: vocabulary.words[tokens[index] ?? 0] ?? '',
      probability: Math.exp(wordLogProbabilities[index] ?? 0),
      attention: [...cells.subarray(0, grid)],
      ...(cells.length > grid ? { beside: besides(cells.subarray(grid), found.beside) } : {}),
    }));
    return {
      text: sentence(words),
      logProbability,
      confidence,
      ...(looked === undefined ? {} : { words: looked }),
      ...(withEvidence ? { evidence } : {}),
    };
  }

  private tagsOf(encoded: EncodedImages): ImageTags[] {
    const classes = encoded.classLogits?.dims[1] ?? 0;
    this.labels ??= tagLabels(classes, this.bundle.tags);
    const { labels } = this;
    if (labels === undefined) return [];
    return Array.from(
      { length: encoded.count },
      (_, image) => new ImageTags(logitsOf(encoded, image), labels),
    );
  }

  private besideOf(encoded: EncodedImages, image: number): string[] {
    const { tags: count } = this.bundle.manifest.configuration.decoder;
    if (count === 0 || this.bundle.tags === undefined) return [];
    return new ImageTags(logitsOf(encoded, image), this.bundle.tags).likeliest(count);
  }
}

function besides(weights: Float32Array, words: readonly string[]): { word: string; weight: number }[] {
  return Array.from(weights, (weight, index) => ({ word: words[index] ?? '', weight }));
}

/** The mean of an image's cells, without those of tags, which stand behind them: `[D]`. */
function meanCell({ memory }: EncodedImages, image: number, gridCells: number): Float32Array {
  const [, rows = 0, width = 0] = memory.dims;
  const cells = Math.min(rows, gridCells);
  const values = floats(memory);
  const mean = new Float32Array(width);
  for (let cell = 0; cell < cells; cell++) {
    const offset = (image * rows + cell) * width;
    for (let i = 0; i < width; i++) mean[i]! += values[offset + i]! / cells;
  }
  return mean;
}
