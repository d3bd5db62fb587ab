/**
 * The pages' fonts, served by the hub itself. Added here and not in the style sheet because the bundler would inline them there.
 * Latin is enough for the two languages; other scripts fall back to the system's fonts.
 */
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';
import jetBrainsMono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2';

const faces = [
  { family: 'Inter Variable', address: inter, weight: '100 900' },
  { family: 'JetBrains Mono Variable', address: jetBrainsMono, weight: '100 800' },
];

/** The browser fetches a font when the first text needs it. */
export function addFonts(): void {
  for (const { family, address, weight } of faces) {
    document.fonts.add(new FontFace(family, `url(${address})`, { weight, display: 'swap' }));
  }
}
