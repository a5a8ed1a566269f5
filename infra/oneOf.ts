/** Reads the word that an option of a command gives. Throws, with the words that the option takes, for any other. */
export function oneOf<Word extends string>(words: readonly Word[], option: string, text: string): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new Error(`--${option} takes ${words.join(', ').replace(/, ([^,]*)$/, ' or $1')}`);
}
