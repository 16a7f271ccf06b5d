/** One image: its candidate caption and its reference captions, each as the tokens of `tokeniseForMetrics`. */
export interface TokenisedItem {
  readonly candidate: readonly string[];
  /** At least one. */
  readonly references: readonly (readonly string[])[];
}
