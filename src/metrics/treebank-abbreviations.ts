/**
 * The words that keep their full stop (`Mr.`, `Ave.`, `Jan.`), in lower case; so does every single letter. Found by
 * asking the Stanford tokenizer about 900,000 dictionary words, each followed by a full stop.
 */
export const ABBREVIATIONS: ReadonlySet<string> = new Set(
  [
    'adj adm adv al ala alex apr ariz assn assoc asst atty aug ave bhd bldg blvd brig bros calif capt cf cie cmdr',
    'co col colo comdr conn corp cos cpl ct dak dec dept det dr drs ens esq est etc ext feb fla fri ft ga gen gov',
    'govs hon inc ind insp invt jan jos jr jul jun kan kans ky lieut lt ltd maj mar md mich minn mlle mme mo mon',
    'mont mr mrs ms msgr mt natl neb nev nov oct okla penn pfc ph plc pres prof profs pte pty pvt rd rep reps rev',
    'rt sen sens sep sept seq sfc sgt spc sq sr st ste supt sys tel tenn thu thurs treas tue tues univ va vs vt',
    'wed wis wisc wm wyo',
  ].flatMap((line) => line.split(' ')),
);

/** Those that do so only as spelt here: `la`, `mass` and `miss` are words too. */
export const CASED_ABBREVIATIONS: ReadonlySet<string> = new Set(
  [
    'Ark Az Del Ill La Mass Miss Ore Pa Tex Wash ARK AZ DEL ILL LA MASS MISS ORE PA TEX WASH',
    'mfg Mfg mtg Mtg',
  ].flatMap((line) => line.split(' ')),
);

/** Those that do so only before a number: `No. 5`, `fig. 2`. */
export const NUMBER_ABBREVIATIONS: ReadonlySet<string> = new Set(
  'art ca fig figs no nos op pp prop'.split(' '),
);

/** Words that are two tokens. */
export const SPLIT_WORDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['cannot', ['can', 'not']],
  ['gimme', ['gim', 'me']],
  ['gonna', ['gon', 'na']],
  ['gotta', ['got', 'ta']],
  ['lemme', ['lem', 'me']],
  ['wanna', ['wan', 'na']],
]);

/** Words before which a single letter's full stop ends a sentence: `vitamin C. The`. */
export const SENTENCE_STARTS: ReadonlySet<string> = new Set(
  [
    'a about according additionally after an as at but earlier he her here however if in it last many more now once',
    'one other our she since so some such that the their then there these they this we what when while yet you',
  ].flatMap((line) => line.split(' ')),
);
