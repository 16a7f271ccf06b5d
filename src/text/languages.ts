/** What of a language decides how its captions become words, and words captions. */
export interface LanguageFacts {
  /** Whether spaces stand between words. */
  readonly spaces: boolean;
  /** What ends a sentence. */
  readonly fullStop: string;
  /** Short words that join the next by an apostrophe: `l'` of `l'homme`. */
  readonly elisions?: RegExp;
  /** Endings that join the word before: `'s`, `n't`. */
  readonly clitics?: RegExp;
  /** Whether one letter has several codes in common use: full and half width, joined forms. */
  readonly compatibility?: boolean;
  /** What is written or left out at will: vowel marks and stretched lines of the Arabic script. */
  readonly optionalMarks?: RegExp;
  /** Words for the left and the right, whose picture has no true mirror image. */
  readonly sides?: RegExp;
}

const SPACED: LanguageFacts = { spaces: true, fullStop: '.' };
const UNSPACED: LanguageFacts = { spaces: false, fullStop: '' };
const CHINESE = { ...UNSPACED, fullStop: '。', compatibility: true, sides: /左|右/ };
const ARABIC = { ...SPACED, compatibility: true, optionalMarks: /[\u0640\u064b-\u0652\u0670]/g };
const INDIC = { ...SPACED, fullStop: '।' };

const BY_LANGUAGE: ReadonlyMap<string, LanguageFacts> = new Map(
  Object.entries({
    en: {
      ...SPACED,
      clitics: /(?:n't|'(?:s|re|ve|ll|d|m))$/i,
      // Also within `right-hand`, `leftmost`, `left-handed`.
      sides: /^(.*-)?(left|right)(most|hand|handed|wards?)?(-.*)?$/,
    },
    fr: {
      ...SPACED,
      elisions: /^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'/i,
      sides: /^(gauche|droite?)$/,
    },
    it: {
      ...SPACED,
      elisions: /^(?:[cdlmnst]|un|(?:d|qu|b)ell|[dn]ell|all|dall|sull|quest|com|dov|anch|sant)'/i,
      sides: /^(sinistr|destr)[aoei]$/,
    },
    ca: { ...SPACED, elisions: /^[dlmnst]'/i, sides: /^(esquerr[ae]s?|dret[as]?s?)$/ },
    pt: { ...SPACED, sides: /^(esquerd|direit)[ao]s?$/ },
    es: { ...SPACED, sides: /^(izquierd|derech)[ao]s?$/ },
    de: { ...SPACED, sides: /^(links|rechts|(linke|rechte)[mnrs]?|.*-(links|rechts))$/ },
    nl: { ...SPACED, sides: /^(links|rechts|linker.*|rechter.*)$/ },
    ru: {
      ...SPACED,
      sides: /^(лев|прав)(ый|ая|ое|ые|ого|ой|ую|ом|ых|ым|о|а)$|^(слева|справа|налево|направо)$/,
    },
    ar: { ...ARABIC, sides: /يسار|يمين|أيسر|أيمن|يسرى|يمنى/ },
    fa: { ...ARABIC, sides: /^(چپ|راست)/ },
    ur: { ...ARABIC, fullStop: '۔', sides: /^(بائیں|دائیں)$/ },
    hi: { ...INDIC, sides: /^(बाएँ|बाएं|दाएँ|दाएं|बायीं|दायीं)$/ },
    mr: INDIC,
    ne: INDIC,
    bn: INDIC,
    ja: CHINESE,
    zh: CHINESE,
    yue: CHINESE,
    ko: { ...SPACED, compatibility: true, sides: /^(왼|오른)/ },
    th: { ...UNSPACED, sides: /ซ้าย|ขวา/ },
    lo: UNSPACED,
    km: { ...UNSPACED, fullStop: '។' },
    my: { ...UNSPACED, fullStop: '။' },
  } satisfies Record<string, LanguageFacts>),
);

/** The facts of a language, by its first part; those of most languages for one that is not listed. @param language BCP 47. */
export function factsOf(language: string): LanguageFacts {
  return BY_LANGUAGE.get(language.toLowerCase().split('-')[0] ?? '') ?? SPACED;
}
