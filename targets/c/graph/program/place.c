/* The row or column of the destination for which element p of a kernel lies at row or column `at` of the source;
 * `size` if there is none. */
static uint32_t place(uint32_t at, uint32_t p, uint32_t padding, uint32_t stride, uint32_t size)
{
    const uint32_t moved = at + padding;

    if ((moved < p) || ((moved - p) % stride != 0u) || ((moved - p) / stride >= size)) {
        return size;
    }
    return (moved - p) / stride;
}

