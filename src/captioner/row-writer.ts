import type { Bundle } from '../bundle/index.js';
import { LegendaError } from '../errors.js';
import type { Hypothesis } from '../search/index.js';
import type { TagMap } from '../tags/index.js';
import { BELOW_MINIMUM, type Caption, type CaptionRow, failedRow } from './caption-row.js';
import { type ConfidenceModel, confidenceOf } from './confidence.js';
import { ImageTags, tagLabels } from './image-tags.js';
import type { SeenImage } from './network.js';

export interface RowOptions {
  /** Captions that are less sure are left out. */
  readonly minimumConfidence: number;
  /** Whether captions carry what their confidence is computed from. */
  readonly evidence: boolean;
}

/** Puts what was found for an image in words. */
export class RowWriter {
  private labels: TagMap | undefined;

  /** @param confidence what calibrating the model has found of it. */
  constructor(
    private readonly bundle: Bundle,
    private readonly confidence: ConfidenceModel | undefined,
  ) {}

  row(image: string, seen: SeenImage, options: RowOptions): CaptionRow {
    const found = this.tagsOf(seen);
    const captions = seen.hypotheses.map((hypothesis, index) =>
      this.write(hypothesis, seen, { tags: found, wordFit: seen.wordFits?.[index] }, options.evidence),
    );
    const [first] = captions;
    if (first === undefined) {
      const error = new LegendaError('NO_CAPTION', {
        received: 'options that no caption fits, or a model whose log-probabilities are not numbers',
        advice: 'ask for fewer words at the least, or let more of them be written',
      });
      return failedRow(image, error);
    }
    const tags = found === undefined ? {} : { tags: found.list() };
    const model = this.bundle.manifest.name;
    const sure = captions.filter(({ confidence }) => confidence >= options.minimumConfidence);
    const [best] = sure;
    if (best === undefined) {
      const { confidence } = first;
      return { image, caption: null, confidence, captions: [], reason: BELOW_MINIMUM, ...tags, model };
    }
    return { image, caption: best.text, confidence: best.confidence, captions: sure, ...tags, model };
  }

  private write(
    hypothesis: Hypothesis,
    seen: SeenImage,
    { tags, wordFit }: { readonly tags: ImageTags | undefined; readonly wordFit: number | undefined },
    withEvidence: boolean,
  ): Caption {
    const { tokens, logProbability, ended, attention, wordLogProbabilities = [] } = hypothesis;
    const { vocabulary } = this.bundle;
    const words = vocabulary.decode(tokens);
    const tagsNamed = tags?.probabilityNamed(words);
    const { vector: image, classLogits } = seen;
    const evidence = { tokens, wordLogProbabilities, image, classLogits, tagsNamed, wordFit };
    const length = tokens.length + (ended ? 1 : 0);
    const confidence =
      this.confidence === undefined
        ? Math.exp(logProbability / length)
        : confidenceOf(evidence, this.confidence);
    const { cells: grid } = this.bundle.manifest.featureGrid;
    const besideWords = attention === undefined ? [] : this.besideOf(seen);
    const looked = attention?.map((cells, index) => ({
      word: vocabulary.words[tokens[index] ?? 0] ?? '',
      probability: Math.exp(wordLogProbabilities[index] ?? 0),
      attention: [...cells.subarray(0, grid)],
      ...(cells.length > grid ? { beside: besides(cells.subarray(grid), besideWords) } : {}),
    }));
    return {
      text: vocabulary.sentence(tokens),
      logProbability,
      confidence,
      ...(looked === undefined ? {} : { words: looked }),
      ...(withEvidence ? { evidence } : {}),
    };
  }

  private tagsOf({ classLogits }: SeenImage): ImageTags | undefined {
    if (classLogits === undefined) return undefined;
    this.labels ??= tagLabels(classLogits.length, this.bundle.tags);
    return this.labels && new ImageTags(classLogits, this.labels);
  }

  /** The words of the cells that stand behind the grid's. */
  private besideOf({ classLogits }: SeenImage): string[] {
    const { tags: count } = this.bundle.manifest.configuration.decoder;
    if (count === 0 || this.bundle.tags === undefined || classLogits === undefined) return [];
    return new ImageTags(classLogits, this.bundle.tags).likeliest(count);
  }
}

function besides(weights: Float32Array, words: readonly string[]): { word: string; weight: number }[] {
  return Array.from(weights, (weight, index) => ({ word: words[index] ?? '', weight }));
}
