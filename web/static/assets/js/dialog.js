/**
 * Closes the dialog that contains the clicked element.
 *
 * @param {EventOn<HTMLElement>} e
 */
export const closeDialog = (e) => e.target.closest("dialog")?.close();
