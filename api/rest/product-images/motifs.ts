/** The colors of a picture, from light to dark. */
export interface Palette {
  readonly background: string;
  readonly light: string;
  readonly main: string;
  readonly dark: string;
}

/** Draws a thing on a field of 400 × 400, standing on y = 320. */
export type Motif = (palette: Palette) => string;

const mug: Motif = ({ light, main, dark }) =>
  `<path d="M262 175h32a42 42 0 0 1 0 84h-32" fill="none" stroke="${dark}" stroke-width="18"/>
  <path d="M118 140h148v150a30 30 0 0 1-30 30h-88a30 30 0 0 1-30-30z" fill="${main}"/>
  <ellipse cx="192" cy="140" rx="74" ry="18" fill="${dark}"/><path d="M140 175v110" stroke="${light}" stroke-width="12" stroke-linecap="round"/>`;

const bottle: Motif = ({ light, main, dark }) =>
  `<rect x="172" y="66" width="56" height="40" rx="8" fill="${dark}"/>
  <path d="M176 106h48c0 34 40 40 40 84v104a26 26 0 0 1-26 26h-76a26 26 0 0 1-26-26V190c0-44 40-50 40-84z" fill="${main}"/>
  <path d="M160 206v84" stroke="${light}" stroke-width="12" stroke-linecap="round"/>`;

const pouch: Motif = ({ light, main, dark }) =>
  `<path d="M126 120h148l14 184a16 16 0 0 1-16 16H128a16 16 0 0 1-16-16z" fill="${main}"/><path d="M122 88h156v36H122z" fill="${dark}"/>
  <rect x="148" y="178" width="104" height="78" rx="6" fill="${light}"/><ellipse cx="200" cy="217" rx="18" ry="26" fill="${dark}" transform="rotate(28 200 217)"/>`;

const kettle: Motif = ({ light, main, dark }) =>
  `<path d="M140 150c0-84 120-84 120 0" fill="none" stroke="${dark}" stroke-width="14"/><path d="M258 262c50-6 34-90 74-112" fill="none" stroke="${dark}" stroke-width="16" stroke-linecap="round"/>
  <path d="M134 160h132l18 142a18 18 0 0 1-18 18H134a18 18 0 0 1-18-18z" fill="${main}"/><rect x="126" y="146" width="148" height="20" rx="10" fill="${dark}"/>
  <path d="M150 196l-8 90" stroke="${light}" stroke-width="12" stroke-linecap="round"/>`;

const dripper: Motif = ({ light, main, dark }) =>
  `<path d="M110 96h180l-62 116h-56z" fill="${main}"/><rect x="136" y="206" width="128" height="16" rx="8" fill="${dark}"/>
  <path d="M152 226h96c0 30 18 40 18 70a24 24 0 0 1-24 24h-84a24 24 0 0 1-24-24c0-30 18-40 18-70z" fill="${light}"/><path d="M140 276h120v20a24 24 0 0 1-24 24h-76a24 24 0 0 1-24-24z" fill="${dark}"/>`;

const bowl: Motif = ({ light, main, dark }) =>
  `<path d="M84 186h232c0 78-46 118-90 118h-52c-44 0-90-40-90-118z" fill="${main}"/><ellipse cx="200" cy="186" rx="116" ry="26" fill="${dark}"/>
  <rect x="160" y="302" width="80" height="18" rx="8" fill="${dark}"/><path d="M112 222c8 26 22 44 38 54" fill="none" stroke="${light}" stroke-width="12" stroke-linecap="round"/>`;

const knife: Motif = ({ light, main, dark }) =>
  `<g transform="rotate(-38 200 200)"><path d="M60 176h170v48H104c-26 0-44-24-44-48z" fill="${light}"/><path d="M60 176h170v14H62z" fill="${main}"/><rect x="230" y="172" width="116" height="40" rx="18" fill="${dark}"/></g>`;

const board: Motif = ({ light, main, dark }) =>
  `<rect x="104" y="92" width="192" height="228" rx="22" fill="${main}"/><circle cx="200" cy="122" r="13" fill="${dark}"/>
  <path d="M132 160v134M166 160v134M200 160v134M234 160v134M268 160v134" stroke="${light}" stroke-width="5" opacity=".7"/>`;

const cloth: Motif = ({ light, main, dark }) =>
  `<path d="M96 120h208v160l-14 40-14-24-14 24-14-24-14 24-14-24-14 24-14-24-14 24-14-24-14 24-14-24-14 24-22-40z" fill="${main}"/>
  <path d="M96 152h208M96 184h208" stroke="${light}" stroke-width="12"/><path d="M148 120v176M252 120v176" stroke="${dark}" stroke-width="8" opacity=".6"/>`;

const lamp: Motif = ({ light, main, dark }) =>
  `<path d="M110 214l60-120h60l60 120z" fill="${main}"/><path d="M140 222h120l40 98H100z" fill="${light}" opacity=".8"/>
  <rect x="193" y="214" width="14" height="92" fill="${dark}"/><rect x="146" y="304" width="108" height="16" rx="8" fill="${dark}"/>`;

const candle: Motif = ({ light, main, dark }) =>
  `<path d="M200 84c24 30 24 52 0 58-24-6-24-28 0-58z" fill="${light}"/><path d="M200 138v30" stroke="${dark}" stroke-width="6"/>
  <rect x="130" y="166" width="140" height="154" rx="18" fill="${main}"/><rect x="152" y="216" width="96" height="62" rx="6" fill="${light}"/>`;

const pot: Motif = ({ light, main, dark }) =>
  `<path d="M200 200c-70-20-74-80-60-112 42 12 62 52 60 112zM200 200c70-20 74-80 60-112-42 12-62 52-60 112z" fill="${dark}"/>
  <path d="M118 192h164v34H118z" fill="${light}"/><path d="M130 226h140l-18 94H148z" fill="${main}"/>`;

const clock: Motif = ({ background, main, dark }) =>
  `<circle cx="200" cy="204" r="116" fill="${main}"/><circle cx="200" cy="204" r="94" fill="${background}"/>
  <path d="M200 136v68l44 28" fill="none" stroke="${dark}" stroke-width="12" stroke-linecap="round"/><circle cx="200" cy="204" r="10" fill="${dark}"/>`;

const tent: Motif = ({ light, main, dark }) =>
  `<path d="M200 96l152 224H48z" fill="${main}"/><path d="M200 96l44 224h-88z" fill="${dark}"/><path d="M200 96L96 320H48z" fill="${light}"/>`;

const stove: Motif = ({ light, main, dark }) =>
  `<path d="M200 196c40 40 44 76 0 92-44-16-40-52 0-92z" fill="${light}"/><rect x="106" y="124" width="188" height="76" rx="14" fill="${main}"/>
  <path d="M294 150h44" stroke="${dark}" stroke-width="16" stroke-linecap="round"/><path d="M122 206l-22 114M278 206l22 114M116 300h168" stroke="${dark}" stroke-width="12"/>`;

const chair: Motif = ({ light, main, dark }) =>
  `<path d="M112 92l40 148h118" fill="none" stroke="${dark}" stroke-width="14" stroke-linecap="round"/><path d="M122 116l34-8 34 116-40 10z" fill="${main}"/><path d="M150 228h128v20H156z" fill="${light}"/>
  <path d="M164 248l-40 72M262 248l40 72M140 320L282 246" stroke="${dark}" stroke-width="12"/>`;

const notebook: Motif = ({ light, main, dark }) =>
  `<rect x="112" y="84" width="180" height="236" rx="14" fill="${main}"/><path d="M112 98a14 14 0 0 1 14-14h22v236h-22a14 14 0 0 1-14-14z" fill="${dark}"/>
  <rect x="172" y="128" width="92" height="56" rx="6" fill="${light}"/><rect x="262" y="84" width="10" height="236" fill="${dark}"/>`;

const pen: Motif = ({ light, main, dark }) =>
  `<g transform="rotate(42 200 200)"><rect x="182" y="60" width="36" height="216" rx="10" fill="${main}"/><path d="M182 276h36l-18 56z" fill="${dark}"/><rect x="182" y="100" width="36" height="14" fill="${light}"/><rect x="214" y="66" width="8" height="84" rx="4" fill="${dark}"/></g>`;

const bag: Motif = ({ light, main, dark }) =>
  `<path d="M148 150v-22c0-64 104-64 104 0v22" fill="none" stroke="${dark}" stroke-width="14"/><path d="M104 144h192l16 160a16 16 0 0 1-16 16H104a16 16 0 0 1-16-16z" fill="${main}"/>
  <rect x="134" y="212" width="132" height="84" rx="12" fill="${light}"/><path d="M134 232h132" stroke="${dark}" stroke-width="6"/>`;

const shirt: Motif = ({ light, main, dark }) =>
  `<path d="M154 90c20 24 72 24 92 0l76 42-26 62-36-18v144H140V176l-36 18-26-62z" fill="${main}"/><path d="M154 90c20 24 72 24 92 0l-14-8c-16 16-48 16-64 0z" fill="${dark}"/><path d="M160 210v84" stroke="${light}" stroke-width="10" stroke-linecap="round"/>`;

const hat: Motif = ({ light, main, dark }) =>
  `<path d="M104 252c0-196 192-196 192 0z" fill="${main}"/><rect x="92" y="244" width="216" height="60" rx="20" fill="${dark}"/>
  <path d="M128 254v40M164 254v40M200 254v40M236 254v40M272 254v40" stroke="${light}" stroke-width="8" stroke-linecap="round"/>`;

const sock: Motif = ({ light, main, dark }) =>
  `<path d="M152 84h84v128l64 46c30 24 8 62-26 62-22 0-40-8-58-20l-64-46z" fill="${main}"/><rect x="148" y="80" width="92" height="34" rx="10" fill="${dark}"/><path d="M152 140h84M152 164h84" stroke="${light}" stroke-width="10"/>`;

const box: Motif = ({ light, main, dark }) =>
  `<path d="M200 96l112 52v120l-112 52-112-52V148z" fill="${main}"/><path d="M200 200l112-52v120l-112 52z" fill="${dark}"/><path d="M200 96l112 52-112 52-112-52z" fill="${light}"/>`;

/** The first word that a handle contains decides. */
const MOTIFS: readonly (readonly [word: string, motif: Motif])[] = [
  ['book', notebook],
  ['sleeping-bag', cloth],
  ['mug', mug],
  ['cup', mug],
  ['tumbler', mug],
  ['espresso', pouch],
  ['kettle', kettle],
  ['press', kettle],
  ['moka', kettle],
  ['dripper', dripper],
  ['pour-over', dripper],
  ['server', dripper],
  ['bottle', bottle],
  ['flask', bottle],
  ['grinder', bottle],
  ['coffee', pouch],
  ['decaf', pouch],
  ['tea-towel', cloth],
  ['tea', pouch],
  ['filters', pouch],
  ['bowl', bowl],
  ['tray', bowl],
  ['knife', knife],
  ['board', board],
  ['trivet', board],
  ['blanket', cloth],
  ['cushion', cloth],
  ['lamp', lamp],
  ['lantern', lamp],
  ['candle', candle],
  ['pot', pot],
  ['clock', clock],
  ['tent', tent],
  ['stove', stove],
  ['chair', chair],
  ['paper', notebook],
  ['pen', pen],
  ['backpack', bag],
  ['tote', bag],
  ['bag', bag],
  ['leather-pouch', bag],
  ['shirt', shirt],
  ['sweater', shirt],
  ['beanie', hat],
  ['socks', sock],
];

/** What a product of this handle looks like; a parcel when nothing tells. */
export const motifFor = (handle: string): Motif => MOTIFS.find(([word]) => handle.includes(word))?.[1] ?? box;
