const MS_PER_SECOND = 1_000;
const TEXT_UP_TO_SECOND = 20;

let second = NaN;
let textOfSecond = '';

/** As `new Date(ms).toISOString()`, for times that are written down by the thousand: within a second only its digits change. */
export function isoTime(ms: number): string {
  const wholeMs = Math.floor(ms);
  const ofSecond = Math.floor(wholeMs / MS_PER_SECOND);
  if (ofSecond !== second) {
    textOfSecond = new Date(ofSecond * MS_PER_SECOND).toISOString().slice(0, TEXT_UP_TO_SECOND);
    second = ofSecond;
  }
  return `${textOfSecond}${String(wholeMs - ofSecond * MS_PER_SECOND).padStart(3, '0')}Z`;
}
