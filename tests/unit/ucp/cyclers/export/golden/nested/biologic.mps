BT-LAB SETTING FILE

Number of linked techniques : 3

Filename : biologic.mps

Device : BCS-815
Ecell ctrl range : min = 0.00 V, max = 9.00 V
Electrode material : 
Initial state : 
Electrolyte : 
Comments : biologic
Mass of active material : 0.001 mg
 at x = 0.000
Molecular weight of active material (at x = 0) : 0.001 g/mol
Atomic weight of intercalated ion : 0.001 g/mol
Acquisition started at : xo = 0.000
Number of e- transfered per intercalated ion : 1
for DX = 1, DQ = 26.802 mA.h
Battery capacity : 5000.000 mA.h
Electrode surface area : 0.001 cm²
Characteristic mass : 0.001 g
Cycle Definition : Charge/Discharge alternance
Do not turn to OCV between techniques

Technique : 1
Modulo Bat
Ns                  0                   1                   2                   3                   
ctrl_type           CC                  CC                  Loop                Rest                
Apply I/C           I                   I                   I                   I                   
ctrl1_val           2.000               2.000               2.000                                   
ctrl1_val_unit      A                   A                                                           
ctrl1_val_vs        <None>              <None>                                                      
ctrl2_val                                                                                           
ctrl2_val_unit                                                                                      
ctrl2_val_vs                                                                                        
ctrl3_val                                                                                           
ctrl3_val_unit                                                                                      
ctrl3_val_vs                                                                                        
N                   1.00                1.00                1.00                1.00                
charge/discharge    Charge              Discharge           Discharge           Discharge           
ctrl_seq            0                   0                   0                   0                   
ctrl_repeat         0                   0                   14                  0                   
ctrl_trigger        Falling Edge        Falling Edge        Falling Edge        Falling Edge        
ctrl_TO_t           0.000               0.000               0.000               0.000               
ctrl_TO_t_unit      d                   d                   d                   d                   
ctrl_Nd             6                   6                   6                   6                   
ctrl_Na             1                   1                   1                   1                   
ctrl_corr           1                   1                   1                   1                   
lim_nb              1                   1                   0                   1                   
lim1_type           Ecell               Ecell               Time                Time                
lim1_comp           >                   <                   <                   >                   
lim1_Q              Q limit             Q limit             Q limit             Q limit             
lim1_value          4.100               3.000               0.000               1.000               
lim1_value_unit     V                   V                   s                   h                   
lim1_action         Next sequence       Next sequence       Next sequence       Next sequence       
lim1_seq            1                   2                   3                   4                   
lim2_type           Time                Time                Time                Time                
lim2_comp           <                   <                   <                   <                   
lim2_Q              Q limit             Q limit             Q limit             Q limit             
lim2_value          0.000               0.000               0.000               0.000               
lim2_value_unit     s                   s                   s                   s                   
lim2_action         Next sequence       Next sequence       Next sequence       Next sequence       
lim2_seq            1                   2                   3                   4                   
lim3_type           Time                Time                Time                Time                
lim3_comp           <                   <                   <                   <                   
lim3_Q              Q limit             Q limit             Q limit             Q limit             
lim3_value          0.000               0.000               0.000               0.000               
lim3_value_unit     s                   s                   s                   s                   
lim3_action         Next sequence       Next sequence       Next sequence       Next sequence       
lim3_seq            1                   2                   3                   4                   
rec_nb              1                   1                   0                   1                   
rec1_type           Time                Time                Time                Time                
rec1_value          1.000               1.000               0.000               1.000               
rec1_value_unit     mn                  mn                  s                   mn                  
rec2_type           Time                Time                Time                Time                
rec2_value          0.000               0.000               0.000               0.000               
rec2_value_unit     s                   s                   s                   s                   
rec3_type           Time                Time                Time                Time                
rec3_value          0.000               0.000               0.000               0.000               
rec3_value_unit     s                   s                   s                   s                   
E range min (V)     0.000               0.000               0.000               0.000               
E range max (V)     9.000               9.000               9.000               9.000               
I Range             10 A                10 A                10 A                10 A                
I Range min         Unset               Unset               Unset               Unset               
I Range max         Unset               Unset               Unset               Unset               
I Range init        Unset               Unset               Unset               Unset               
auto rest           0                   0                   0                   0                   
Bandwidth           4                   4                   4                   4                   

Technique : 2
Loop
goto Ne             1                   
nt times            9                   

Technique : 3
Modulo Bat
ctrl_type           CC                  
Apply I/C           I                   
ctrl1_val           0.500               
ctrl1_val_unit      A                   
ctrl1_val_vs        <None>              
ctrl2_val                               
ctrl2_val_unit                          
ctrl2_val_vs                            
ctrl3_val                               
ctrl3_val_unit                          
ctrl3_val_vs                            
N                   1.00                
charge/discharge    Discharge           
ctrl_seq            0                   
ctrl_repeat         0                   
ctrl_trigger        Falling Edge        
ctrl_TO_t           0.000               
ctrl_TO_t_unit      d                   
ctrl_Nd             6                   
ctrl_Na             1                   
ctrl_corr           1                   
lim_nb              1                   
lim1_type           Ecell               
lim1_comp           <                   
lim1_Q              Q limit             
lim1_value          2.500               
lim1_value_unit     V                   
lim1_action         Stop                
lim1_seq            9999                
lim2_type           Time                
lim2_comp           <                   
lim2_Q              Q limit             
lim2_value          0.000               
lim2_value_unit     s                   
lim2_action         Next sequence       
lim2_seq            1                   
lim3_type           Time                
lim3_comp           <                   
lim3_Q              Q limit             
lim3_value          0.000               
lim3_value_unit     s                   
lim3_action         Next sequence       
lim3_seq            1                   
rec_nb              1                   
rec1_type           Time                
rec1_value          1.000               
rec1_value_unit     mn                  
rec2_type           Time                
rec2_value          0.000               
rec2_value_unit     s                   
rec3_type           Time                
rec3_value          0.000               
rec3_value_unit     s                   
E range min (V)     0.000               
E range max (V)     9.000               
I Range             1 A                 
I Range min         Unset               
I Range max         Unset               
I Range init        Unset               
auto rest           0                   
Bandwidth           4                   
