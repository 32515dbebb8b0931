/** What goes wrong at one exchange with a service; `after` means that it had acted by then. */
export type Fault =
  | 'cut'
  | 'cut after'
  | 'half after'
  | 'hang'
  | 'hang after'
  | 'html'
  | '401'
  | '403'
  | '404'
  | '429'
  | '500'
  | '500 after'
  | '503';
