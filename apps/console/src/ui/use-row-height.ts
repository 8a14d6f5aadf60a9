import { useMediaQuery } from '@mantine/hooks';

const PHONE = '(max-width: 767px)';
const ROW = 38;
const ROW_OF_PHONES = 62;

/** Of tables of many rows, as their CSS has it: phones show two lines a row. */
export function useRowHeight(): number {
  return useMediaQuery(PHONE, window.matchMedia(PHONE).matches) ? ROW_OF_PHONES : ROW;
}
