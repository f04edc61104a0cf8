/**
 * Checks whether a text holds anything that a phone would turn into a link: an address with a scheme, www., or a name with a known
 * ending. Alerts never carry links, because fraudsters imitate notices with links. The text is checked as a reader sees it: without
 * invisible characters and without marks on letters.
 */
export function containsLink(text: string): boolean {
  const folded = text.normalize('NFKD').replace(INVISIBLE_CHARACTERS, '');
  return (
    SCHEME_PATTERN.test(folded) ||
    WWW_PATTERN.test(folded) ||
    DOMAIN_PATTERN.test(folded) ||
    IP_PATH_PATTERN.test(folded)
  );
}

const SCHEME_PATTERN = /[a-z][a-z0-9+.-]{1,20}:\/\//i;
const WWW_PATTERN = /\bwww\s?[.。]/i;
/** Joiners, direction marks, variation selectors, tags, fillers, soft hyphens, and marks on letters. */
const INVISIBLE_CHARACTERS = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/gu;
/**
 * Two labels joined by a dot, the last of two letters or more: shaparak.ir, bit.ly/x, نمونه.ایران. A Persian letter right after a
 * Latin ending (shaparak.irرا) does not hide the address from a reader, nor from some phones. An ending in a third script (.рф) has
 * no other meaning in these texts.
 */
const DOMAIN_PATTERN =
  /[\p{L}\p{N}][\p{L}\p{N}-]*[.。](?:(?:[a-z]{2,24}|xn--[a-z0-9-]+)(?![a-z0-9])|(?:ایران|شبکه)(?![\p{L}\p{N}])|(?:(?![\p{Script=Latin}\p{Script=Arabic}])\p{L}){2})/iu;
const IP_PATH_PATTERN = /\b\d{1,3}(?:\.\d{1,3}){3}\b(?:[:/]|$)/;
