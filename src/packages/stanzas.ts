/**
 * The `Field: value` paragraphs of dpkg's databases (deb822(5)): a line that begins with a space goes on with the
 * value before it. Field names come in lower case; a line that is neither is passed over, as dpkg's files may be torn.
 */
export type Stanza = ReadonlyMap<string, string>;

export function parseStanzas(text: string): Stanza[] {
  return text
    .split(/\n[ \t]*\n/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);
}

function parseStanza(text: string): Stanza {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split('\n')) {
    if (/^[ \t]/.test(line)) {
      if (last !== undefined) fields.set(last, `${fields.get(last) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    last = line.slice(0, colon).toLowerCase();
    fields.set(last, line.slice(colon + 1).trim());
  }
  return fields;
}
