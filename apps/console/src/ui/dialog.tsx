import { Drawer as MantineDrawer, type DrawerProps, Modal, type ModalProps } from '@mantine/core';
import { text } from '../text/index.js';
import { useReturnFocus } from './use-return-focus.js';

const CLOSE = { 'aria-label': text.ui.close };

/** A dialog over the page. Open for as long as it is rendered, unless it is told otherwise; closing it gives the focus back. */
export function Dialog({ opened = true, ...props }: Omit<ModalProps, 'opened'> & { readonly opened?: boolean }) {
  useReturnFocus(opened);
  return <Modal opened={opened} returnFocus={false} closeButtonProps={CLOSE} {...props} />;
}

/** The same at the side of the page. */
export function Drawer({ opened = true, ...props }: Omit<DrawerProps, 'opened'> & { readonly opened?: boolean }) {
  useReturnFocus(opened);
  return <MantineDrawer opened={opened} returnFocus={false} closeButtonProps={CLOSE} {...props} />;
}
