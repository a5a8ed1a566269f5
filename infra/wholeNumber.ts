/** Reads the whole number that an option of a command gives. Throws, with what the option takes, for anything else. */
export function wholeNumber(option: string, text: string, least = 1): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${option} takes a whole number from ${least} up`);
}
