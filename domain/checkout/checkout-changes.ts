/** Tells of changes of carts' checkouts. */
export interface CheckoutChanges {
  /**
   * Calls `onChange` after each change of the cart's checkout, and whenever changes may have been missed, until the returned
   * function is called.
   */
  watch(cartId: string, onChange: () => void): () => void;
}
