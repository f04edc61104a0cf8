/** The basic alphabet of GSM 03.38. A character of the extension below counts as two. */
const GSM_ALPHABET = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const GSM_EXTENSION = new Set('\f^{}\\[~]|€');

/**
 * Counts the segments of an SMS, by which the provider charges. A Persian text is UCS-2: 70 UTF-16 units in a single segment, 67 in
 * each of several; a text of the GSM alphabet has 160 and 153. The empty text has none.
 */
export function smsSegments(text: string): number {
  let units = 0;
  for (const character of text) {
    if (GSM_ALPHABET.has(character)) units += 1;
    else if (GSM_EXTENSION.has(character)) units += 2;
    else return segmentsFor(text.length, 70, 67);
  }
  return segmentsFor(units, 160, 153);
}

const segmentsFor = (units: number, single: number, joined: number) =>
  units <= single ? Math.ceil(units / single) : Math.ceil(units / joined);
