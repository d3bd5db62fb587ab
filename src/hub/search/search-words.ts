/** The words of a text, as search takes them: letters and digits, without their marks, in lower case. */

const maxLength = 200;

export function wordsOf(text: string): readonly string[] {
  // Taken apart first: a letter that has no small form of its own, like a bold one, may be made of one that has.
  const plain = text.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '');
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What somebody looks for: a few words of a bounded text. */
export function wordsOfQuery(text: string): readonly string[] {
  return wordsOf(text.slice(0, maxLength)).slice(0, 10);
}

/** A word of a private repository: one word for the index, with the namespace in it, whatever signs that holds. */
export function scoped(namespace: string, word: string): string {
  return `n${Buffer.from(namespace).toString('hex')}x${word}`;
}
