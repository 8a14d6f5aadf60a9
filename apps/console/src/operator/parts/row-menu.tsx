import { operatorText as t } from '../../text/operator.js';
import { type RowAction, RowMenu as Menu } from '../../ui/row-menu.js';

interface RowMenuProps {
  /** Of the row, for the button's name. */
  readonly name: string;
  readonly items: readonly RowAction[];
}

/** What can be done with a row. */
export function RowMenu({ name, items }: RowMenuProps) {
  return <Menu label={t.menu(name)} actions={items} />;
}
