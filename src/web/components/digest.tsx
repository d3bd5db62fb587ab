/** A digest: its first twelve digits to read, all of it to copy. */
import { Copy } from './command.tsx';

export function DigestText({ digest }: { readonly digest: string }) {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return (
    <span className="digest">
      <span className="mono" title={digest}>
        {hex.slice(0, 12)}
      </span>
      <Copy text={digest} size="xs" />
    </span>
  );
}
