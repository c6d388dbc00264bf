/** What some of the demo store is called in German: the rest is shown in its own words. By handle, or by code. */
export const GERMAN = {
  locale: 'de',
  products: {
    'enamel-mug': { title: 'Emaille-Becher', description: 'Leicht, zäh und am Feuer zu Hause. Jede Macke erzählt von einer Reise.' },
    'morning-field-coffee': { title: 'Kaffee Morgenfeld', description: 'Rund und mild, mit Haselnuss und etwas Kakao. Unsere Hausröstung, für jede Zubereitung.' },
    'steel-french-press': { title: 'Stempelkanne aus Stahl', description: 'Doppelte Wände halten den Kaffee eine Stunde lang heiß. Nichts daran kann zerbrechen.' },
    'wool-blanket': { title: 'Wolldecke', description: 'Aus wiederverwerteter Wolle gewebt, 130 mal 200 Zentimeter, mit von Hand gedrehten Fransen.' },
    'two-person-tent': { title: 'Zelt für zwei', description: 'In vier Minuten aufgebaut, klein wie ein Laib Brot, steht auch im Sturm.' },
    'dotted-notebook': { title: 'Notizbuch, gepunktet', description: null },
  },
  categories: {
    coffee: { name: 'Kaffee & Tee', description: 'Was es für eine gute Tasse braucht.' },
    cups: { name: 'Tassen & Becher', description: 'Zum Trinken, am Tisch oder am Feuer.' },
    home: { name: 'Zuhause', description: 'Dinge für jeden Tag.' },
    outdoor: { name: 'Draußen', description: 'Für eine Nacht unter freiem Himmel.' },
  },
  attributes: {
    material: {
      name: 'Material',
      labels: { beech: 'Buche', brass: 'Messing', ceramic: 'Keramik', enamel: 'Emaille', glass: 'Glas', linen: 'Leinen', paper: 'Papier', 'stainless steel': 'Edelstahl', wool: 'Wolle' },
    },
    color: {
      name: 'Farbe',
      labels: { black: 'schwarz', blue: 'blau', clay: 'ton', cream: 'creme', gray: 'grau', green: 'grün', mustard: 'senf', natural: 'natur', red: 'rot', white: 'weiß' },
    },
    capacity: { name: 'Inhalt', labels: {} },
  },
} as const;
