void vax(int what, void *x);
void vax(int what, void *x)
{
    float *const numbers = x;
    for (int l = 0; l < 4; ++l) numbers[l] = what == 0 ? 0 : what == 1 ? 1 : -numbers[l];
}
