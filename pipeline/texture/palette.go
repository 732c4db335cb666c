package texture

// MinFilaments and MaxFilaments bound a palette: a printer that changes filaments has two to sixteen.
const MinFilaments, MaxFilaments = 2, 16
