// The ViT + GPT-2 captioner in transformers.js: paths on standard input, a line for each on standard output.
// transformers-js.mjs <folder whose node_modules has it> <folder of vit_gpt2.py export> <words> <batch>
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [packages = '.', folder = '.', words, batchSize] = process.argv.slice(2);
const require = createRequire(join(resolve(packages), 'package.json'));
const { AutoImageProcessor, AutoModelForVision2Seq, RawImage } = await import(
  pathToFileURL(require.resolve('@huggingface/transformers')).href
);
const options = { dtype: 'fp32', device: 'cpu', local_files_only: true };
const model = await AutoModelForVision2Seq.from_pretrained(resolve(folder), options);
const processor = await AutoImageProcessor.from_pretrained(resolve(folder), options);

const paths = [];
for await (const line of createInterface({ input: process.stdin })) paths.push(line);
for (let first = 0; first < paths.length; first += Number(batchSize)) {
  const part = paths.slice(first, first + Number(batchSize));
  const images = await Promise.all(part.map((path) => RawImage.read(path)));
  const { pixel_values: inputs } = await processor(images);
  const tokens = await model.generate({
    inputs,
    min_new_tokens: Number(words),
    max_new_tokens: Number(words),
  });
  for (const [index, row] of tokens.tolist().entries()) console.log(`${part[index]}\t${row.join(' ')}`);
}
