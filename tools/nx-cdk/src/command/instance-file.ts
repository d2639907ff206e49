/**
 * The file of one instance: `outputs.json` is `outputs.ada.json`. A name that holds `{instance}` says itself where.
 *
 * @param instance @default - the name stays as it is
 */
export function fileOfInstance(file: string, instance: string | undefined): string {
  if (instance === undefined || file.includes('{instance}')) return file.replaceAll('{instance}', instance ?? '');
  return file.replace(/(\.[^./\\]*)?$/, `.${instance}$1`);
}
