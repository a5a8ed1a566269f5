/** The longest line of an iCalendar file, in octets without its end (RFC 5545 3.1). */
const LINE_OCTETS = 75;
const ONE_LINE_OF_ASCII = /^[\x20-\x7e]{0,75}$/;
/** Python's readers end a line at each of these; others do at a lone CR (ical4j/ical4j#590). */
const LINE_BREAKS = /\r\n|[\r\n\v\f\u0085\u2028\u2029]/g;
const CONTROLS = /(?!\t)\p{Cc}/gu;

/** A value of type TEXT (RFC 5545 3.3.11): line breaks of every kind become `\n`, other control characters are left out. */
export function textValue(text: string): string {
  return text
    .replace(/[\\;,]/g, (character) => `\\${character}`)
    .replace(LINE_BREAKS, '\\n')
    .replace(CONTROLS, '');
}

/** The lines of a component, its own properties and those of the components in it. */
export function component(name: string, lines: readonly string[]): string[] {
  return [`BEGIN:${name}`, ...lines, `END:${name}`];
}

/** The text of an iCalendar file: lines that are too long are folded, never within a character, and each ends in CRLF. */
export function writeLines(lines: readonly string[]): string {
  return lines.map((line) => `${ONE_LINE_OF_ASCII.test(line) ? line : folded(line)}\r\n`).join('');
}

function folded(line: string): string {
  let text = '';
  let octets = 0;
  for (const character of line) {
    const more = octetsOf(character.codePointAt(0) ?? 0);
    if (octets + more > LINE_OCTETS) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += more;
  }
  return text;
}

function octetsOf(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
