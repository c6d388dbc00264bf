import { motifFor, type Palette } from './motifs.ts';

/** FNV-1a: equal names get equal colors, everywhere and for ever. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}

/** Twenty-four hues, each in three strengths. */
function paletteFor(handle: string): Palette {
  const hash = hashOf(handle);
  const hue = (hash % 24) * 15;
  const saturation = 28 + ((hash >>> 8) % 3) * 12;
  const color = (lightness: number, shift = 0): string => `hsl(${(hue + shift) % 360}, ${saturation}%, ${lightness}%)`;
  return { background: color(92, 40), light: color(78), main: color(54), dark: color(30) };
}

const escapeXml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A picture of a product as SVG, always the same for the same handle: its words choose the thing, a hash of it the colors. */
export function drawProductImage(handle: string, title: string): string {
  const palette = paletteFor(handle);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="${escapeXml(title)}">
<title>${escapeXml(title)}</title>
<rect width="400" height="400" fill="${palette.background}"/>
<ellipse cx="200" cy="324" rx="140" ry="16" fill="${palette.dark}" opacity=".15"/>
${motifFor(handle)(palette)}
</svg>
`;
}
